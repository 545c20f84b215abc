package io.tidemill.rollup.cohorts;

import io.tidemill.contract.Hash128;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;

/// Three readers of `events` and `erasures` and two shards of users, which commit, crash and forget
/// at random moments.
final class CohortSimulation {

    /// A record as it is read.
    ///
    /// @param appendedHour in hours since 1970-01-01T00:00:00Z
    record Input(Hash128 user, UserNews news, long appendedHour) {}

    /// What a step of the topology does with a record, and how it is after an abort.
    private interface Step<I, O> {
        void process(I record, Consumer<O> out);

        Step<I, O> asCommitted();
    }

    private final Random random;
    private final int mostHeldBack;
    private final Map<Cell, Integer> table = new TreeMap<>();
    private final List<Task<Input, Cellwise>> shards = new ArrayList<>();
    private final List<Task<Input, Input>> readers = new ArrayList<>();
    private int forgotten;

    private record Cellwise(Cell cell, int change) {}

    /// @param mostHeldBack records that a reader has read and not passed on yet
    CohortSimulation(Random random, int mostHeldBack) {
        this.random = random;
        this.mostHeldBack = mostHeldBack;
        for (int i = 0; i < 2; i++) {
            shards.add(new Task<>(new Users(new HashMap<>(), 0), this::count));
        }
        for (int i = 0; i < 3; i++) {
            readers.add(new Task<>(new Reader(), this::toShard));
        }
    }

    void run(List<Input> inputs) {
        for (Input input : inputs) {
            Task<Input, Input> reader = readers.get(random.nextInt(readers.size()));
            reader.process(input);
            disturb(reader);
            if (reader.held() > mostHeldBack) {
                reader.commit();
            }
        }
        readers.forEach(Task::commit);
        shards.forEach(Task::commit);
    }

    Map<Cell, Integer> table() {
        table.values().removeIf(users -> users == 0);
        return table;
    }

    int forgotten() {
        return forgotten;
    }

    private void toShard(Input input) {
        Task<Input, Cellwise> shard = shards.get(input.user().bucket(shards.size()));
        shard.process(input);
        disturb(shard);
    }

    private void count(Cellwise change) {
        table.merge(change.cell(), change.change(), Integer::sum);
    }

    private void disturb(Task<?, ?> task) {
        switch (random.nextInt(8)) {
            case 0, 1 -> task.commit();
            case 2 -> task.crash();
            default -> {}
        }
    }

    /// As `ActivityReader` does.
    private static final class Reader implements Step<Input, Input> {

        /// Few places, so that it often forgets.
        private final RecentActivity recent = new RecentActivity(4);

        @Override
        public void process(Input input, Consumer<Input> out) {
            boolean passes =
                    switch (input.news()) {
                        case UserNews.Active active ->
                                CohortWindow.counts(active.day(), input.appendedHour() / 24)
                                        && recent.isNews(input.user(), active);
                        case UserNews.Erased _ -> true;
                    };
            if (passes) {
                out.accept(input);
            }
        }

        @Override
        public Step<Input, Input> asCommitted() {
            return new Reader();
        }
    }

    /// As `UserActivityProcessor` does, looking at a user whenever there is something new.
    private final class Users implements Step<Input, Cellwise> {

        private final Map<Hash128, byte[]> users;
        private long today;

        Users(Map<Hash128, byte[]> users, long today) {
            this.users = users;
            this.today = today;
        }

        @Override
        public void process(Input input, Consumer<Cellwise> out) {
            if (input.news() instanceof UserNews.Active) {
                today = Math.max(today, input.appendedHour() / 24);
            }
            users.replaceAll((_, bytes) -> forget(bytes));
            byte[] stored = users.get(input.user());
            UserActivity before = stored == null ? UserActivity.NONE : UserActivity.of(stored);
            UserActivity after = before.after(input.news());
            users.put(input.user(), after.bytes());
            before.changesTo(after)
                    .forEach((cell, change) -> out.accept(new Cellwise(cell, change)));
        }

        private byte[] forget(byte[] bytes) {
            UserActivity user = UserActivity.of(bytes);
            UserActivity kept = user.withoutStaysBefore(CohortWindow.forgottenBefore(today));
            forgotten += kept.equals(user) ? 0 : 1;
            return kept.bytes();
        }

        @Override
        public Step<Input, Cellwise> asCommitted() {
            return new Users(new HashMap<>(users), today);
        }
    }

    /// Hands on at a commit what its step put out since the one before; after a crash, all that was
    /// read since then is read again.
    private static final class Task<I, O> {

        private final Consumer<O> handOn;
        private final List<I> uncommitted = new ArrayList<>();
        private final List<O> out = new ArrayList<>();
        private Step<I, O> step;
        private Step<I, O> committed;

        Task(Step<I, O> step, Consumer<O> handOn) {
            this.step = step;
            this.handOn = handOn;
            committed = step.asCommitted();
        }

        void process(I record) {
            uncommitted.add(record);
            step.process(record, out::add);
        }

        int held() {
            return uncommitted.size();
        }

        void commit() {
            List<O> handedOn = List.copyOf(out);
            out.clear();
            uncommitted.clear();
            committed = step.asCommitted();
            handedOn.forEach(handOn);
        }

        void crash() {
            out.clear();
            step = committed.asCommitted();
            List<I> again = List.copyOf(uncommitted);
            uncommitted.clear();
            again.forEach(this::process);
        }
    }
}
