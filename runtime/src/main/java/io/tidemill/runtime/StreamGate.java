package io.tidemill.runtime;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.timeout.WriteTimeoutHandler;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.netty.NettyPipeline;

/// On one stream of HTTP/2, what {@link RequestGate} is on a connection of HTTP/1.1: the body has
/// an absolute time to arrive, and each piece of the answer a time to be taken.
///
/// Used by one event loop alone.
final class StreamGate extends ChannelDuplexHandler {

    private final FrontLimits limits;
    private final FrontMetrics metrics;
    private @Nullable Deadline body; // null until it is in a pipeline
    private boolean answering;

    private StreamGate(FrontLimits limits, FrontMetrics metrics) {
        this.limits = limits;
        this.metrics = metrics;
    }

    /// Once the head of its request has come.
    static void guard(Http2StreamChannel stream, FrontLimits limits, FrontMetrics metrics) {
        stream.pipeline()
                .addFirst(
                        new WriteTimeoutHandler(
                                limits.writeTimeout().toMillis(), TimeUnit.MILLISECONDS))
                .addAfter(
                        NettyPipeline.H2ToHttp11Codec,
                        "tidemill.gate",
                        new StreamGate(limits, metrics));
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        body = new Deadline(context.executor(), () -> expire(context));
        Http2StreamChannel stream = (Http2StreamChannel) context.channel();
        if (stream.stream().state() == Http2Stream.State.OPEN) {
            body.set(limits.bodyTimeout());
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof LastHttpContent && body != null) {
            body.end();
        }
        context.fireChannelRead(message);
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        answering |= message instanceof HttpResponse;
        ChannelFuture _ = context.write(message, promise);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (body != null) {
            body.end();
        }
        context.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        metrics.broken(cause);
        ChannelFuture _ = context.close();
    }

    private void expire(ChannelHandlerContext context) {
        if (answering) {
            ChannelFuture _ = context.close();
            return;
        }
        metrics.refused(FrontError.REQUEST_TIMEOUT);
        context.writeAndFlush(Responses.lastProblem(FrontError.REQUEST_TIMEOUT))
                .addListener(_ -> reset(context));
    }

    /// Tells the client to stop sending; no error behind a whole answer.
    private static void reset(ChannelHandlerContext context) {
        ChannelFuture _ = context.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.NO_ERROR));
    }
}
