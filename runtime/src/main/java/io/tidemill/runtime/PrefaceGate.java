package io.tidemill.runtime;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerUpgradeHandler;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2FrameCodec;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.netty.NettyPipeline;

/// Tells by a connection's first bytes which version of HTTP its client speaks, and has it guarded
/// accordingly. HTTP/2 begins with its preface; a request of HTTP/1.1 that asks for an upgrade is
/// just that request, so that no proxy in front can be made to forward what it does not read.
///
/// One of these per connection in clear text, used by its event loop alone.
final class PrefaceGate extends ByteToMessageDecoder {

    private static final ByteBuf PREFACE =
            Unpooled.unreleasableBuffer(Http2CodecUtil.connectionPrefaceBuf()).asReadOnly();

    private final FrontLimits limits;
    private final FrontMetrics metrics;
    private @Nullable Deadline deadline; // null until it is in a pipeline
    private boolean begun;

    private PrefaceGate(FrontLimits limits, FrontMetrics metrics) {
        this.limits = limits;
        this.metrics = metrics;
    }

    static void guard(Channel channel, FrontLimits limits, FrontMetrics metrics) {
        channel.pipeline()
                .addBefore(
                        NettyPipeline.H2CUpgradeHandler,
                        "tidemill.preface",
                        new PrefaceGate(limits, metrics));
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        deadline = new Deadline(context.executor(), () -> leave(context));
        deadline.set(limits.idleTimeout());
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf bytes, List<Object> out) {
        int length = Math.min(bytes.readableBytes(), PREFACE.readableBytes());
        if (!ByteBufUtil.equals(PREFACE, 0, bytes, bytes.readerIndex(), length)) {
            speakHttp1(context);
        } else if (length == PREFACE.readableBytes()) {
            speakHttp2(context, bytes.readRetainedSlice(length));
        } else if (!begun && deadline != null) {
            begun = true;
            deadline.set(limits.headTimeout());
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            leave(context);
            return;
        }
        context.fireUserEventTriggered(event);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        metrics.broken(cause);
        leave(context);
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext context) {
        if (deadline != null) {
            deadline.end();
        }
    }

    private void speakHttp1(ChannelHandlerContext context) {
        ChannelPipeline pipeline = context.pipeline();
        pipeline.remove(NettyPipeline.H2CUpgradeHandler);
        pipeline.remove(HttpServerUpgradeHandler.class);
        pipeline.replace(
                pipeline.get(HttpServerCodec.class),
                NettyPipeline.HttpCodec,
                new HttpServerCodec());
        RequestGate.guard(context.channel(), limits, metrics);
        pipeline.remove(this);
    }

    /// What follows the preface is read once the gate stands.
    private void speakHttp2(ChannelHandlerContext context, ByteBuf preface) {
        ChannelPipeline pipeline = context.pipeline();
        context.fireChannelRead(preface);
        if (pipeline.get(NettyPipeline.HttpCodec) instanceof Http2FrameCodec codec) {
            Http2Gate.guard(pipeline, codec, limits, metrics);
        }
        pipeline.remove(this);
    }

    private static void leave(ChannelHandlerContext context) {
        ChannelFuture _ = context.close();
    }
}
