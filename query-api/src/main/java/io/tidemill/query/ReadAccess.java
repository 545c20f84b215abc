package io.tidemill.query;

import reactor.netty.http.server.HttpServerRequest;

/// Says which project's data a request may read.
final class ReadAccess {

    /// The project of a server without keys.
    static final String OPEN_PROJECT = "default";

    /// Without keys everybody reads the open project, whatever the request says.
    String projectOf(HttpServerRequest request) {
        return OPEN_PROJECT;
    }
}
