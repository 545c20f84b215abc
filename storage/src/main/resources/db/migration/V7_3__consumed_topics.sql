-- Offsets mean something for one topic only, and a name may be given to another.

CREATE TABLE pipeline.consumed_topics (
    consumer text NOT NULL,
    topic    text NOT NULL,
    topic_id text NOT NULL,
    PRIMARY KEY (consumer, topic)
);

COMMENT ON TABLE pipeline.consumed_topics IS 'Which topic, by Kafka''s id, the offsets of a name were stored for.';
