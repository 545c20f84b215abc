package io.tidemill.runtime;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.timeout.WriteTimeoutHandler;
import io.netty.util.ReferenceCountUtil;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.netty.NettyPipeline;

/// Stands before the routes on each HTTP/1.1 connection. Lets through heads that {@link HeadRules}
/// take, gives each request an absolute time to arrive (its head, then its body), each piece of an
/// answer a time to be taken by the client, and the connection a time to idle.
///
/// What is refused is answered here, and the connection ends: orderly, so that a client that is
/// still sending gets to read the answer. A client that has said all it has to say (in clear text,
/// a half-closed connection) still gets the answers to its whole requests, and nothing more.
///
/// One of these per connection, used by its event loop alone. A request that arrives in one piece
/// costs no timer.
final class RequestGate extends ChannelDuplexHandler {

    /// How long a client may take to read the answer that ends its connection.
    private static final Duration FAREWELL = Duration.ofSeconds(2);

    private enum Awaited {
        /// A first byte.
        REQUEST,
        HEAD,
        BODY,
        ANSWER,
        /// That the client has read the last answer and closes.
        END
    }

    private final StrictHttpCodec codec;
    private final FrontLimits limits;
    private final FrontMetrics metrics;
    private @Nullable Deadline deadline; // null until it is in a pipeline
    private Awaited awaited = Awaited.REQUEST;
    private Awaited timed = Awaited.END;
    private boolean answering;
    private boolean answered;
    private boolean passingBy;
    private boolean last;
    private boolean nothingMoreComes;

    private RequestGate(StrictHttpCodec codec, FrontLimits limits, FrontMetrics metrics) {
        this.codec = codec;
        this.limits = limits;
        this.metrics = metrics;
    }

    /// Stands behind the codec of a new connection, and has it replaced by the strict one.
    static void guard(Channel channel, FrontLimits limits, FrontMetrics metrics) {
        StrictHttpCodec codec = new StrictHttpCodec();
        channel.pipeline().replace(NettyPipeline.HttpCodec, NettyPipeline.HttpCodec, codec);
        channel.pipeline()
                .addBefore(
                        NettyPipeline.HttpCodec,
                        "tidemill.writes",
                        new WriteTimeoutHandler(
                                limits.writeTimeout().toMillis(), TimeUnit.MILLISECONDS))
                .addAfter(
                        NettyPipeline.HttpCodec,
                        "tidemill.gate",
                        new RequestGate(codec, limits, metrics));
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        deadline = new Deadline(context.executor(), () -> expire(context));
        restart();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        FrontError refusal = awaited == Awaited.END ? null : refusal(message);
        if (refusal != null || awaited == Awaited.END) {
            ReferenceCountUtil.release(message);
            if (refusal != null) {
                refuse(context, refusal);
            }
            return;
        }
        if (message instanceof HttpRequest) {
            awaited = Awaited.BODY;
            answering = false;
            answered = false;
        }
        if (message instanceof LastHttpContent) {
            awaited = Awaited.ANSWER;
        }
        context.fireChannelRead(message);
        endExchange();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (awaited == Awaited.REQUEST && codec.hasBegun()) {
            awaited = Awaited.HEAD;
        }
        restart();
        context.fireChannelReadComplete();
        if (awaited == Awaited.END) {
            context.read();
        }
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        if (awaited == Awaited.END) {
            ReferenceCountUtil.release(message);
            promise.tryFailure(new ClosedChannelException());
            return;
        }
        if (message instanceof HttpResponse response) {
            passingBy = response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
            answering |= !passingBy;
            last |= !passingBy && !HttpUtil.isKeepAlive(response);
        }
        ChannelFuture _ = context.write(message, promise);
        if (message instanceof LastHttpContent && !passingBy) {
            answered = true;
            endExchange();
            restart();
            if (nothingMoreComes) {
                leaveSoon(context);
            }
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            nothingMoreComes = true;
            leaveSoon(context);
            return;
        }
        if (!(event instanceof ChannelInputShutdownReadComplete)) {
            context.fireUserEventTriggered(event);
        }
    }

    @Override
    public void close(ChannelHandlerContext context, ChannelPromise promise) {
        boolean isUnread = awaited == Awaited.BODY || codec.hasBegun();
        if (answered && isUnread && awaited != Awaited.END) {
            bidFarewell(context);
            context.channel().closeFuture().addListener(_ -> promise.trySuccess());
            return;
        }
        ChannelFuture _ = context.close(promise);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        awaited = Awaited.END;
        timer().end();
        context.fireChannelInactive();
    }

    /// Broken connections, and whatever their clients caused: nothing that anybody here could mend.
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        metrics.broken(cause);
        ChannelFuture _ = context.close();
    }

    private static @Nullable FrontError refusal(Object message) {
        if (message instanceof HttpRequest request) {
            return HeadRules.check(request);
        }
        if (message instanceof HttpObject part && part.decoderResult().isFailure()) {
            return HeadRules.refusalOf(part.decoderResult().cause());
        }
        return null;
    }

    /// The next request may come once this one is read and answered, unless the answer said that it
    /// is the last.
    private void endExchange() {
        if (awaited == Awaited.ANSWER && answered && !last) {
            awaited = Awaited.REQUEST;
            answered = false;
            codec.next();
        }
    }

    private void refuse(ChannelHandlerContext context, FrontError refusal) {
        metrics.refused(refusal);
        boolean broken = answering && awaited == Awaited.BODY;
        end();
        if (broken) {
            ChannelFuture _ = context.close();
            return;
        }
        context.writeAndFlush(Responses.lastProblem(refusal))
                .addListener(_ -> bidFarewell(context));
    }

    /// Once what has come before is read: unless a whole request waits for its answer, the rest of
    /// the one at hand will never come.
    private void leaveSoon(ChannelHandlerContext context) {
        context.executor()
                .execute(() -> {
                    if (awaited == Awaited.ANSWER) {
                        return;
                    }
                    end();
                    context.writeAndFlush(Unpooled.EMPTY_BUFFER)
                            .addListener(_ -> {
                                ChannelFuture _ = context.close();
                            });
                });
    }

    /// Closing a connection on which bytes are unread would take the answer from the client, too.
    private void bidFarewell(ChannelHandlerContext context) {
        end();
        if (context.channel() instanceof DuplexChannel channel
                && context.pipeline().get(SslHandler.class) == null) {
            ChannelFuture _ = channel.shutdownOutput();
        }
        timer().set(FAREWELL);
        context.read();
    }

    private void end() {
        awaited = Awaited.END;
        timed = Awaited.END;
        timer().lift();
        codec.discard();
    }

    private void restart() {
        if (timed == awaited || awaited == Awaited.END) {
            return;
        }
        timed = awaited;
        switch (awaited) {
            case REQUEST -> timer().set(limits.idleTimeout());
            case HEAD -> timer().set(limits.headTimeout());
            case BODY -> timer().set(limits.bodyTimeout());
            case ANSWER, END -> timer().lift();
        }
    }

    private void expire(ChannelHandlerContext context) {
        boolean isLate = awaited == Awaited.HEAD || (awaited == Awaited.BODY && !answered);
        if (isLate) {
            refuse(context, FrontError.REQUEST_TIMEOUT);
            return;
        }
        ChannelFuture _ = context.close();
    }

    private Deadline timer() {
        if (deadline == null) {
            throw new IllegalStateException("not in a pipeline");
        }
        return deadline;
    }
}
