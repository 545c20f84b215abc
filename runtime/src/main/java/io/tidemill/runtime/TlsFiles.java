package io.tidemill.runtime;

import java.nio.file.Path;

/// Who a server is, to its clients.
///
/// @param certificate a PEM file: the server's certificate first, then those that vouch for it
/// @param key a PEM file: its private key, PKCS#8, not encrypted
public record TlsFiles(Path certificate, Path key) {}
