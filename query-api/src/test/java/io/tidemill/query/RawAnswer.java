package io.tidemill.query;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/// An answer to a target that a well-behaved client would repair before sending it.
record RawAnswer(int status, String head, String body) {

    static RawAnswer to(int port, String target) throws IOException {
        String request =
                "GET " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            String answer =
                    new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int blank = answer.indexOf("\r\n\r\n");
            return new RawAnswer(
                    Integer.parseInt(answer.substring(9, 12)),
                    answer.substring(0, blank),
                    answer.substring(blank + 4));
        }
    }
}
