package io.tidemill.embedded;

/// The server's settings files, for one machine that runs the rest of the pipeline too.
final class PostgresSettings {

    /// Only this machine, and only with the password.
    static final String ACCESS = "host all all 127.0.0.1/32 scram-sha-256\n";

    private PostgresSettings() {}

    static String server(int port, Durability durability) {
        String durable =
                switch (durability) {
                    case DISK -> "on";
                    case PAGE_CACHE -> "off";
                };
        return """
        # Written by Tidemill at every start. Your own settings: ALTER SYSTEM SET name = value.
        listen_addresses = '%s'
        port = %d
        unix_socket_directories = ''
        password_encryption = 'scram-sha-256'
        max_connections = 100

        # A commit that was confirmed is kept.
        fsync = %s
        full_page_writes = %s
        synchronous_commit = on
        wal_compression = on
        max_wal_size = '2GB'
        checkpoint_timeout = '15min'

        shared_buffers = '128MB'
        jit = off

        timezone = 'UTC'
        log_timezone = 'UTC'
        datestyle = 'iso, ymd'
        default_text_search_config = 'pg_catalog.simple'
        lc_messages = 'C'
        lc_monetary = 'C'
        lc_numeric = 'C'
        lc_time = 'C'

        # Short enough to be kept in one file.
        log_min_messages = warning
        log_min_error_statement = panic
        log_checkpoints = off
        log_autovacuum_min_duration = -1
        log_line_prefix = '%%m [%%p] '
        """
                .formatted(LocalPort.HOST, port, durable, durable);
    }
}
