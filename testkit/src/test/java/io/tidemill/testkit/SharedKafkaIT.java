package io.tidemill.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.contract.Topics;
import io.tidemill.runtime.KafkaConnection;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;

class SharedKafkaIT {

    private final TestKafka kafka = TestKafka.shared();

    @Test
    void topicsOfOneTestAreThereBehindItsOwnPrefix() throws Exception {
        // given
        String prefix = kafka.freshPrefix();
        KafkaConnection connection = kafka.connection(prefix);

        // when
        kafka.createTopics(prefix, 3, 2);

        // then
        try (Admin admin = Admin.create(connection.clientConfig("test"))) {
            assertThat(admin.listTopics().names().get())
                    .filteredOn(name -> name.startsWith(prefix))
                    .containsExactlyInAnyOrderElementsOf(
                            new Topics(prefix).all(3, 2).stream().map(Topics.Spec::name).toList());
        }
    }
}
