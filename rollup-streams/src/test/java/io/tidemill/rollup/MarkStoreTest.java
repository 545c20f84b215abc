package io.tidemill.rollup;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.junit.jupiter.api.Test;

class MarkStoreTest {

    private final KeyValueStore<Bytes, byte[]> store = MarkStore.supplier("marks").get();

    @Test
    void isOpenAgainWhenItsTaskStartsAnew() {
        // given
        open();
        store.close();
        assertThat(store.isOpen()).isFalse();

        // when
        open();

        // then
        assertThat(store.isOpen()).isTrue();
    }

    @Test
    void keepsNothing() {
        // given
        open();
        Bytes key = Bytes.wrap(new byte[] {1});

        // when
        store.put(key, new byte[] {1});

        // then
        assertThat(store.get(key)).isNull();
        assertThat(store.approximateNumEntries()).isZero();
        assertThat(store.all().hasNext()).isFalse();
    }

    private void open() {
        store.init(new MockProcessorContext<>().getStateStoreContext(), store);
    }
}
