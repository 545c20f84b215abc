package io.tidemill.runtime;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import reactor.netty.NettyPipeline;

/// Waits until client and server have agreed on a version of HTTP, and has the connection guarded
/// accordingly. A handshake that fails ends without a word: the line that would be logged names the
/// client's address.
final class ProtocolGate extends ChannelInboundHandlerAdapter {

    private final FrontLimits limits;
    private final FrontMetrics metrics;

    private ProtocolGate(FrontLimits limits, FrontMetrics metrics) {
        this.limits = limits;
        this.metrics = metrics;
    }

    static void guard(Channel channel, FrontLimits limits, FrontMetrics metrics) {
        channel.pipeline()
                .addBefore(
                        NettyPipeline.H2OrHttp11Codec,
                        "tidemill.protocol",
                        new ProtocolGate(limits, metrics));
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake) {
            if (!handshake.isSuccess()) {
                metrics.ended("tls");
                ChannelFuture _ = context.close();
                return;
            }
            // The one behind chooses the codec.
            context.fireUserEventTriggered(event);
            guardCodec(context);
            return;
        }
        context.fireUserEventTriggered(event);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        metrics.broken(cause);
        ChannelFuture _ = context.close();
    }

    private void guardCodec(ChannelHandlerContext context) {
        if (context.pipeline().get(NettyPipeline.HttpCodec) instanceof Http2FrameCodec codec) {
            Http2Gate.guard(context.pipeline(), codec, limits, metrics);
        } else {
            RequestGate.guard(context.channel(), limits, metrics);
        }
        context.pipeline().remove(this);
    }
}
