package io.tidemill.runtime;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.CombinedChannelDuplexHandler;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.util.AsciiString;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Netty's HTTP/1.1 codec, with two rules on top. A head is read strictly: no folded lines, single
/// spaces in the request line, one `Content-Length`, at most {@value #MAX_HEADERS} headers, no
/// trailers. And requests are read one at a time: a pipelined one waits until {@link #next()}, so
/// that answers are in order and a client can't make us hold more than a little of what it sent
/// ahead.
///
/// Used by one event loop alone.
final class StrictHttpCodec
        extends CombinedChannelDuplexHandler<HttpRequestDecoder, HttpResponseEncoder> {

    static final int MAX_LINE_BYTES = 4096;
    static final int MAX_HEADER_BYTES = 8192;
    static final int MAX_HEADERS = 100;

    private static final int MAX_METHOD_BYTES = 32;
    private static final int MAX_BYTES_AHEAD = 16 << 10;

    private final Decoder decoder = new Decoder();
    private @Nullable ChannelHandlerContext context; // null until it is in a pipeline
    private boolean readWanted;

    StrictHttpCodec() {
        init(decoder, new Encoder());
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) throws Exception {
        this.context = context;
        super.handlerAdded(context);
    }

    @Override
    public void read(ChannelHandlerContext context) throws Exception {
        if (decoder.isFull()) {
            readWanted = true;
            return;
        }
        super.read(context);
    }

    /// A client that has no more to say may still have requests waiting here; the decoder would
    /// drop them at this.
    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
        if (event instanceof ChannelInputShutdownEvent) {
            context.fireUserEventTriggered(event);
            return;
        }
        super.userEventTriggered(context, event);
    }

    /// Whether a next request has begun to arrive.
    boolean hasBegun() {
        return decoder.hasBegun();
    }

    /// Reads the next request, if some of it is here already.
    void next() {
        decoder.waits = false;
        decoder.head = false;
        if (context != null && (decoder.hasBegun() || readWanted)) {
            context.executor().execute(this::resume);
        }
    }

    /// Ignores whatever comes from now on.
    void discard() {
        decoder.discards = true;
    }

    private void resume() {
        if (context == null || context.isRemoved()) {
            return;
        }
        try {
            channelRead(context, Unpooled.EMPTY_BUFFER);
            channelReadComplete(context);
            if (readWanted && !decoder.isFull()) {
                readWanted = false;
                super.read(context);
            }
        } catch (Exception e) {
            context.fireExceptionCaught(e);
        }
    }

    private static HttpDecoderConfig config() {
        return new HttpDecoderConfig()
                .setMaxInitialLineLength(MAX_LINE_BYTES)
                .setMaxHeaderSize(MAX_HEADER_BYTES)
                .setStrictLineParsing(true)
                .setUseRfc9112TransferEncoding(true)
                .setAllowDuplicateContentLengths(false)
                .setValidateHeaders(true);
    }

    private enum Position {
        REQUEST_LINE,
        HEADERS,
        BODY
    }

    private static final class Decoder extends HttpRequestDecoder {

        private Position position = Position.REQUEST_LINE;
        private int headers;
        private boolean lengthSeen;
        private boolean head;
        private boolean waits;
        private boolean discards;

        Decoder() {
            super(config());
        }

        boolean hasBegun() {
            return position == Position.HEADERS
                    || (position == Position.REQUEST_LINE && actualReadableBytes() > 0);
        }

        boolean isFull() {
            return waits && !discards && actualReadableBytes() >= MAX_BYTES_AHEAD;
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) throws Exception {
            if (isFull()) {
                // The one above would read on.
                context.fireChannelReadComplete();
                return;
            }
            super.channelReadComplete(context);
        }

        @Override
        protected void decode(ChannelHandlerContext context, ByteBuf bytes, List<Object> out)
                throws Exception {
            if (discards) {
                bytes.skipBytes(bytes.readableBytes());
                return;
            }
            if (waits && position == Position.REQUEST_LINE) {
                return;
            }
            if (position != Position.BODY && !isStrict(bytes)) {
                bytes.skipBytes(bytes.readableBytes());
                discards = true;
                out.add(refused());
                return;
            }
            super.decode(context, bytes, out);
            for (Object message : out) {
                if (message instanceof HttpRequest request) {
                    position = Position.BODY;
                    head = request.method().equals(HttpMethod.HEAD);
                }
                if (message instanceof LastHttpContent) {
                    position = Position.REQUEST_LINE;
                    waits = true;
                }
            }
        }

        @Override
        protected HttpMessage createMessage(String[] initialLine) throws Exception {
            if (!initialLine[2].startsWith("HTTP/")) {
                throw new IllegalArgumentException("not HTTP");
            }
            position = Position.HEADERS;
            headers = 0;
            lengthSeen = false;
            return super.createMessage(initialLine);
        }

        @Override
        protected AsciiString splitHeaderName(byte[] line, int start, int length) {
            if (position == Position.BODY) {
                throw new IllegalArgumentException("a trailer");
            }
            headers++;
            if (headers > MAX_HEADERS) {
                throw new TooLongHttpHeaderException("too many headers");
            }
            AsciiString name = super.splitHeaderName(line, start, length);
            if (HttpHeaderNames.CONTENT_LENGTH.contentEqualsIgnoreCase(name)) {
                if (lengthSeen) {
                    throw new IllegalArgumentException("more than one Content-Length");
                }
                lengthSeen = true;
            }
            return name;
        }

        /// Whether the lines of the head that have come are as they must be, where the decoder
        /// itself would overlook it. It takes whole lines only, so the first byte begins one.
        private boolean isStrict(ByteBuf bytes) {
            int at = bytes.readerIndex();
            int end = bytes.writerIndex();
            if (position == Position.REQUEST_LINE) {
                while (at < end && (bytes.getByte(at) == '\r' || bytes.getByte(at) == '\n')) {
                    at++;
                }
                int lineEnd = bytes.indexOf(at, end, (byte) '\n');
                if (!isRequestLine(bytes, at, lineEnd < 0 ? end : lineEnd, lineEnd >= 0)) {
                    return false;
                }
                at = lineEnd < 0 ? end : lineEnd + 1;
            }
            while (at < end && bytes.getByte(at) != '\r' && bytes.getByte(at) != '\n') {
                if (bytes.getByte(at) == ' ' || bytes.getByte(at) == '\t') {
                    return false;
                }
                int lineEnd = bytes.indexOf(at, end, (byte) '\n');
                at = lineEnd < 0 ? end : lineEnd + 1;
            }
            return true;
        }

        /// Three words with one space between them, as far as they have come.
        private static boolean isRequestLine(ByteBuf bytes, int from, int to, boolean isWhole) {
            int spaces = 0;
            byte before = ' ';
            for (int at = from; at < to; at++) {
                byte it = bytes.getByte(at);
                boolean mayEndLine = it == '\r' && at == to - 1;
                if (it == ' ') {
                    spaces++;
                }
                if ((it == ' ' && before == ' ')
                        || (it >= 0 && it < ' ' && !mayEndLine)
                        || (spaces == 0 && at - from >= MAX_METHOD_BYTES)) {
                    return false;
                }
                before = it;
            }
            return spaces <= 2 && (!isWhole || spaces == 2);
        }

        private static HttpRequest refused() {
            HttpRequest request =
                    new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/");
            request.setDecoderResult(
                    DecoderResult.failure(new IllegalArgumentException("not strict")));
            return request;
        }
    }

    /// Knows from the request whether its answer has a body.
    private final class Encoder extends HttpResponseEncoder {

        @Override
        protected boolean isContentAlwaysEmpty(HttpResponse response) {
            return decoder.head || super.isContentAlwaysEmpty(response);
        }
    }
}
