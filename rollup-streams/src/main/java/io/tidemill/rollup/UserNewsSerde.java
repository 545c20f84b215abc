package io.tidemill.rollup;

import io.tidemill.contract.MalformedRecordException;
import io.tidemill.rollup.cohorts.UserNews;
import org.apache.kafka.common.serialization.Serde;

/// What is said of users, on the way to their shard.
final class UserNewsSerde {

    static final Serde<UserNews> SERDE =
            BinarySerde.of(UserNewsSerde::encode, UserNewsSerde::decode);

    private static final int ACTIVE = 1;
    private static final int ERASED = 2;

    private UserNewsSerde() {}

    private static byte[] encode(UserNews news) {
        return switch (news) {
            case UserNews.Active(long day, long receivedHour) ->
                    new BinaryWriter().flags(ACTIVE).number(day).number(receivedHour).bytes();
            case UserNews.Erased(long beforeHour) ->
                    new BinaryWriter().flags(ERASED).number(beforeHour).bytes();
        };
    }

    private static UserNews decode(byte[] bytes) {
        BinaryReader in = new BinaryReader(bytes);
        int kind = in.flags();
        return switch (kind) {
            case ACTIVE -> new UserNews.Active(in.number(), in.number());
            case ERASED -> new UserNews.Erased(in.number());
            default -> throw new MalformedRecordException("user news of kind " + kind);
        };
    }
}
