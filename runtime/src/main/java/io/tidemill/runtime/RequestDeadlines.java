package io.tidemill.runtime;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.concurrent.ScheduledFuture;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.netty.NettyPipeline;

/// Gives each request an absolute time to arrive: its head, then its body. Who takes longer,
/// however steadily, is answered 408 and disconnected.
///
/// One of these per connection, used by its event loop alone. A request that arrives in one piece
/// costs no timer. What has come of a next request together with the end of one before is seen when
/// more of it comes; until then the idle timeout holds.
final class RequestDeadlines {

    private static final String BYTES = "tidemill.bytes";
    private static final String MESSAGES = "tidemill.messages";
    private static final String PROBLEM =
            """
            {"type":"about:blank","title":"Request Timeout","status":408,"code":"request_timeout",\
            "detail":"The request took too long to arrive."}\
            """;
    private static final byte[] TIMEOUT =
            """
            HTTP/1.1 408 Request Timeout\r
            Content-Type: application/problem+json\r
            Content-Length: %d\r
            Connection: close\r
            \r
            %s\
            """
                    .formatted(PROBLEM.length(), PROBLEM)
                    .getBytes(StandardCharsets.US_ASCII);

    private enum Awaited {
        NOTHING,
        HEAD,
        BODY
    }

    private final Duration headTimeout;
    private final Duration bodyTimeout;
    private Awaited awaited = Awaited.NOTHING;
    private Awaited timed = Awaited.NOTHING;
    private @Nullable ScheduledFuture<?> timer; // null while no timer runs

    private RequestDeadlines(Duration headTimeout, Duration bodyTimeout) {
        this.headTimeout = headTimeout;
        this.bodyTimeout = bodyTimeout;
    }

    /// Adds itself around the HTTP codec of a new connection.
    static void watch(Channel channel, Duration headTimeout, Duration bodyTimeout) {
        RequestDeadlines deadlines = new RequestDeadlines(headTimeout, bodyTimeout);
        channel.pipeline()
                .addBefore(NettyPipeline.HttpCodec, BYTES, deadlines.new Bytes())
                .addAfter(NettyPipeline.HttpCodec, MESSAGES, deadlines.new Messages());
    }

    /// Below the codec: sees that a request begins, and when all that has come is read.
    private final class Bytes extends ChannelInboundHandlerAdapter {

        @Override
        public void channelRead(ChannelHandlerContext context, Object bytes) {
            if (awaited == Awaited.NOTHING) {
                awaited = Awaited.HEAD;
            }
            context.fireChannelRead(bytes);
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            restart(context);
            context.fireChannelReadComplete();
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            awaited = Awaited.NOTHING;
            restart(context);
            context.fireChannelInactive();
        }
    }

    /// Above the codec: sees heads and ends of requests.
    private final class Messages extends ChannelInboundHandlerAdapter {

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (message instanceof HttpRequest) {
                awaited = Awaited.BODY;
            }
            if (message instanceof LastHttpContent) {
                awaited = Awaited.NOTHING;
            }
            context.fireChannelRead(message);
        }
    }

    private void restart(ChannelHandlerContext context) {
        if (timed == awaited) {
            return;
        }
        if (timer != null) {
            timer.cancel(false);
        }
        timed = awaited;
        timer =
                switch (awaited) {
                    case NOTHING -> null;
                    case HEAD -> start(context, headTimeout);
                    case BODY -> start(context, bodyTimeout);
                };
    }

    private ScheduledFuture<?> start(ChannelHandlerContext context, Duration timeout) {
        return context.executor()
                .schedule(() -> expire(context), timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void expire(ChannelHandlerContext context) {
        awaited = Awaited.NOTHING;
        context.writeAndFlush(Unpooled.wrappedBuffer(TIMEOUT))
                .addListener(ChannelFutureListener.CLOSE);
    }
}
