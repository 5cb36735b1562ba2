using Npgsql;
using RunLedger.Contract.Samples;
using RunLedger.Postgres.Schema;

namespace RunLedger.Contract;

/// <summary>The schema: Marten's tables, made once. Where a newer Marten adds columns, who does not know them can still write.</summary>
public abstract class SchemaContract(EngineDatabase database) : LedgerContract(database)
{
    private const string Columns = """
        select concat_ws(' ', column_name, case udt_name when 'varchar' then concat('varchar', '(' || character_maximum_length || ')') else udt_name end,
          case is_nullable when 'NO' then 'not null' end, 'default ' || column_default)
        from information_schema.columns where table_schema = 'runledger' and table_name = $1 order by column_name
        """;

    private const string Constraints = """
        select concat(conname, ': ', replace(pg_get_constraintdef(oid), 'runledger.', '')) from pg_constraint
        where conrelid = ('runledger.' || $1)::regclass and contype <> 'n' order by conname
        """;

    private const string Indexes = "select indexdef from pg_indexes where schemaname = 'runledger' and tablename = $1 order by indexname";

    [Fact]
    public async Task Hosts_that_open_a_new_database_at_once_make_one_schema()
    {
        var connectionString = await SharedServer.CreateDatabaseAsync();
        var ledgers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => Database.OpenAsync(connectionString))));
        var recorded = await Task.WhenAll(ledgers.Select((ledger, host) =>
            ledger.Recorder.RecordAsync([Tenant.Seen(RunJson.Queued($"run_{host}"), 1)], CancellationToken.None)));

        Assert.All(recorded, receipts => Assert.Equal(1, receipts[0].Version));
        Assert.Equal(
            Enumerable.Range(1, SchemaMigrator.Current),
            await ledgers[0].DataSource.ListAsync<int>("select version from runledger.schema_versions order by version"));
        foreach (var ledger in ledgers) await ledger.DisposeAsync();
    }

    [Fact]
    public async Task Opening_again_changes_nothing()
    {
        var before = await VersionsAsync();
        await using (await Database.OpenAsync())
            Assert.Equal(before, await VersionsAsync());

        Task<List<string>> VersionsAsync() => Ledger.DataSource.ListAsync<string>("select concat(v, xmin) from runledger.schema_versions as v order by version");
    }

    [Fact]
    public async Task A_database_of_a_newer_program_is_refused_and_left_as_it_is()
    {
        var connectionString = await SharedServer.CreateDatabaseAsync();
        await (await Database.OpenAsync(connectionString)).DisposeAsync();
        await using var dataSource = NpgsqlDataSource.Create(connectionString);
        await dataSource.ExecuteAsync("insert into runledger.schema_versions (version, name) values (9999, 'from_the_future')");

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => Database.OpenAsync(connectionString));
        Assert.Contains("9999", refused.Message, StringComparison.Ordinal);
        Assert.Contains("newer", refused.Message, StringComparison.Ordinal);
        Assert.Equal(0, await dataSource.AskAsync<long>(
            "select count(*) from pg_locks join pg_database on database = pg_database.oid where locktype = 'advisory' and datname = current_database()"));
    }

    [Fact]
    public async Task A_role_that_may_not_create_anything_opens_an_existing_ledger()
    {
        var connectionString = await SharedServer.CreateDatabaseAsync();
        await (await Database.OpenAsync(connectionString)).DisposeAsync();
        var role = $"role_{Tenant.Value.Replace('-', '_')}";
        await using (var dataSource = NpgsqlDataSource.Create(connectionString))
            await dataSource.ExecuteAsync(
                $"""
                create role {role};
                grant usage on schema runledger to {role};
                grant select, insert, update on all tables in schema runledger to {role};
                grant usage on all sequences in schema runledger to {role};
                """);

        var asRole = new NpgsqlConnectionStringBuilder(connectionString) { Options = $"-c role={role}" };
        await using var ledger = await Database.OpenAsync(asRole.ConnectionString);
        Assert.Equal(1, (await ledger.Recorder.RecordAsync([Tenant.Seen(RunJson.Queued("run_1"), 1)], CancellationToken.None))[0].Version);
    }

    [Theory]
    [InlineData("mt_streams")]
    [InlineData("mt_events")]
    [InlineData("run_views")]
    public async Task Triggers_that_others_have_on_the_tables_are_run(string table)
    {
        var connectionString = await SharedServer.CreateDatabaseAsync();
        await (await Database.OpenAsync(connectionString)).DisposeAsync();
        await using var dataSource = NpgsqlDataSource.Create(connectionString);
        await dataSource.ExecuteAsync(
            $"""
            create table public.heard (run varchar);
            create function public.hear() returns trigger language plpgsql as $$ begin insert into public.heard values (new.tenant_id); return null; end $$;
            create trigger hear after insert on runledger.{table} for each row execute function public.hear();
            """);

        await using var ledger = await Database.OpenAsync(connectionString);
        await ledger.Recorder.RecordAsync([Tenant.Seen(RunJson.Queued("run_0"), 1)], CancellationToken.None);
        await ledger.Recorder.RecordAsync([.. Enumerable.Range(1, 300).Select(run => Tenant.Seen(RunJson.Queued($"run_{run}"), 1))], CancellationToken.None);

        Assert.Equal(301, await dataSource.AskAsync<long>("select count(*) from public.heard"));
    }

    [Fact]
    public async Task Every_event_is_of_a_stream_and_others_cannot_take_that_away()
    {
        await RecordAsync([.. Enumerable.Range(1, 300).Select(run => Tenant.Seen(RunJson.Queued($"run_{run}"), 1))]);

        Assert.Equal(0, await Ledger.DataSource.AskAsync<long>(
            "select count(*) from runledger.mt_events as event where not exists (select from runledger.mt_streams where tenant_id = event.tenant_id and id = event.stream_id)"));
        var refused = await Assert.ThrowsAsync<PostgresException>(() => Ledger.DataSource.ExecuteAsync("delete from runledger.mt_streams"));
        Assert.Equal(PostgresErrorCodes.ForeignKeyViolation, refused.SqlState);
    }

    [Fact]
    public async Task Streams_stand_in_the_table_that_Marten_makes()
    {
        await HasColumnsAsync(
            "mt_streams",
            [
                "created timestamptz not null default now()", "id varchar not null", "is_archived bool default false",
                "tenant_id varchar not null default '*DEFAULT*'::character varying", "timestamp timestamptz not null default now()", "type varchar", "version int8",
            ]);
        Assert.Equal(["pkey_mt_streams_tenant_id_id: PRIMARY KEY (tenant_id, id)"], await AskAsync(Constraints, "mt_streams"));
    }

    [Fact]
    public async Task Events_stand_in_the_table_that_Marten_makes()
    {
        await HasColumnsAsync(
            "mt_events",
            [
                "bdata bytea", "causation_id varchar", "correlation_id varchar", "data jsonb not null", "headers jsonb", "id uuid not null",
                "is_archived bool default false", "mt_dotnet_type varchar", "seq_id int8 not null", "stream_id varchar",
                "tenant_id varchar default '*DEFAULT*'::character varying", "timestamp timestamptz not null default now()", "type varchar(500) not null",
                "version int8 not null",
            ]);
        var constraints = await AskAsync(Constraints, "mt_events");
        Assert.Equal("fkey_mt_events_stream_id_tenant_id: FOREIGN KEY (tenant_id, stream_id) REFERENCES mt_streams(tenant_id, id)", constraints[0]);
        Assert.Equal("pkey_mt_events_seq_id: PRIMARY KEY (seq_id)", constraints[1]);
        Assert.Equal(2, constraints.Count);
        Assert.Contains(
            "CREATE UNIQUE INDEX pk_mt_events_stream_and_version ON runledger.mt_events USING btree (tenant_id, stream_id, version)",
            await AskAsync(Indexes, "mt_events"));
        Assert.Equal("runledger.mt_events_sequence", await Ledger.DataSource.AskAsync<string>("select pg_get_serial_sequence('runledger.mt_events', 'seq_id')"));
    }

    [Fact]
    public async Task Progressions_stand_in_the_table_that_Marten_makes()
    {
        await HasColumnsAsync(
            "mt_event_progression", ["last_seq_id int8", "last_updated timestamptz default transaction_timestamp()", "name varchar not null"]);
        Assert.Equal(["pk_mt_event_progression: PRIMARY KEY (name)"], await AskAsync(Constraints, "mt_event_progression"));
    }

    [Fact]
    public async Task Events_carry_the_names_that_Marten_would_write()
    {
        await RecordAsync(RunJson.Queued("run_1").Started(1), 2);
        Assert.Equal(
            [
                "1 run_queued RunLedger.Domain.Runs.RunQueued, RunLedger.Domain false",
                "2 run_started RunLedger.Domain.Runs.RunStarted, RunLedger.Domain false",
            ],
            await Ledger.DataSource.ListAsync<string>(
                "select concat_ws(' ', version, type, mt_dotnet_type, is_archived::text) from runledger.mt_events where tenant_id = $1 order by seq_id", Tenant.Value));
    }

    /// <summary>Whether Marten's tables may have columns of a newer Marten beside those of the migrations.</summary>
    protected virtual bool MayHaveMoreColumns => false;

    private async Task HasColumnsAsync(string table, string[] expected)
    {
        var columns = await AskAsync(Columns, table);
        if (!MayHaveMoreColumns)
        {
            Assert.Equal(expected, columns);
            return;
        }
        Assert.Equal([], expected.Except(columns));
        Assert.All(columns.Except(expected), more => Assert.True(
            !more.Contains("not null", StringComparison.Ordinal) || more.Contains("default", StringComparison.Ordinal), $"{table} has {more}"));
    }

    private Task<List<string>> AskAsync(string question, string table) => Ledger.DataSource.ListAsync<string>(question, table);
}
