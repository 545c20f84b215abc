/// What is counted beside the built-in dimensions: dimensions and measures that people name, in
/// versions, each with the hour from which it holds.
///
/// ```
/// file ──SettingsReader──▶ CountingSettings ──▶ SettingsVersion ──SettingsCodec──▶ topic settings
/// Event + CountingSettings ──Extraction──▶ Extracted: what the event counts under, what it measures
/// ```
@NullMarked
package io.tidemill.contract.settings;

import org.jspecify.annotations.NullMarked;
