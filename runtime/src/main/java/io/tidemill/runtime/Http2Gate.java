package io.tidemill.runtime;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameStreamException;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2PingFrame;
import io.netty.handler.codec.http2.Http2PriorityFrame;
import io.netty.handler.codec.http2.Http2SettingsFrame;
import io.netty.handler.codec.http2.Http2UnknownFrame;
import io.netty.handler.timeout.WriteTimeoutHandler;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.netty.NettyPipeline;

/// Stands before the streams of each HTTP/2 connection: bounds frames that cost us more than the
/// client and carry nothing, and ends connections without open streams. Resets, continuations and
/// empty frames are bounded by the codec itself.
///
/// One of these per connection, used by its event loop alone.
final class Http2Gate extends ChannelDuplexHandler {

    /// Clients send a handful of them over the life of a connection.
    static final int MAX_IDLE_FRAMES = 100;

    private static final String WRITES = "tidemill.writes";

    /// How long open streams may go on once the connection has been given up.
    private static final Duration FAREWELL = Duration.ofSeconds(5);

    private static final Duration WINDOW = Duration.ofSeconds(10);

    private final Http2FrameCodec codec;
    private final FrontLimits limits;
    private final FrontMetrics metrics;
    private @Nullable Deadline idle; // null until it is in a pipeline
    private long windowEndsNanos;
    private int idleFrames;
    private boolean ended;

    private Http2Gate(Http2FrameCodec codec, FrontLimits limits, FrontMetrics metrics) {
        this.codec = codec;
        this.limits = limits;
        this.metrics = metrics;
    }

    /// Stands behind the codec of a connection that speaks HTTP/2.
    static void guard(
            ChannelPipeline pipeline,
            Http2FrameCodec codec,
            FrontLimits limits,
            FrontMetrics metrics) {
        codec.gracefulShutdownTimeoutMillis(FAREWELL.toMillis());
        pipeline.addBefore(
                        NettyPipeline.HttpCodec,
                        WRITES,
                        new WriteTimeoutHandler(
                                limits.writeTimeout().toMillis(), TimeUnit.MILLISECONDS))
                .addAfter(
                        NettyPipeline.HttpCodec,
                        "tidemill.gate",
                        new Http2Gate(codec, limits, metrics));
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        idle = new Deadline(context.executor(), () -> endIfIdle(context));
        idle.set(limits.idleTimeout());
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object frame) {
        if (ended) {
            ReferenceCountUtil.release(frame);
            return;
        }
        if (frame instanceof Http2HeadersFrame && idle != null) {
            idle.set(limits.idleTimeout());
        }
        if (isIdle(frame) && isFlood()) {
            ReferenceCountUtil.release(frame);
            endFlood(context);
            return;
        }
        context.fireChannelRead(frame);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (idle != null) {
            idle.end();
        }
        context.fireChannelInactive();
    }

    /// Without its client's frames, a connection of streams can't go on.
    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            ended = true;
            close(context);
            return;
        }
        context.fireUserEventTriggered(event);
    }

    /// What concerns one stream is for that stream; of a breach of the protocol the codec tells the
    /// client first; the rest is a broken connection.
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof Http2FrameStreamException) {
            // Its stream is cancelled, which the codec does not count among resets.
            if (isFlood() && !ended) {
                endFlood(context);
            }
            context.fireExceptionCaught(cause);
            return;
        }
        metrics.broken(cause);
        if (cause instanceof Http2Exception) {
            ended = true;
            context.executor().execute(() -> close(context));
            return;
        }
        close(context);
    }

    private static boolean isIdle(Object frame) {
        return frame instanceof Http2PingFrame
                || frame instanceof Http2SettingsFrame
                || frame instanceof Http2PriorityFrame
                || frame instanceof Http2UnknownFrame;
    }

    private boolean isFlood() {
        long now = System.nanoTime();
        if (now - windowEndsNanos > 0) {
            windowEndsNanos = now + WINDOW.toNanos();
            idleFrames = 0;
        }
        idleFrames++;
        return idleFrames > MAX_IDLE_FRAMES;
    }

    private void endFlood(ChannelHandlerContext context) {
        metrics.ended("http2_flood");
        end(context, Http2Error.ENHANCE_YOUR_CALM);
    }

    private void endIfIdle(ChannelHandlerContext context) {
        if (codec.connection().numActiveStreams() > 0 && idle != null) {
            idle.set(limits.idleTimeout());
            return;
        }
        end(context, Http2Error.NO_ERROR);
    }

    private void end(ChannelHandlerContext context, Http2Error reason) {
        ended = true;
        context.writeAndFlush(new DefaultHttp2GoAwayFrame(reason, Unpooled.EMPTY_BUFFER))
                .addListener(_ -> close(context));
    }

    /// At once: the codec itself would wait for streams that are open.
    private static void close(ChannelHandlerContext context) {
        if (!context.isRemoved()) {
            ChannelFuture _ = context.pipeline().context(WRITES).close();
        }
    }
}
