using Npgsql;
using RunLedger.Postgres.Replay;

namespace RunLedger.Contract;

/// <summary>What operators have put upon views: it outlasts their being rebuilt, or keeps them from it.</summary>
public abstract class SwitchContract(EngineDatabase database) : RebuiltLedger(database)
{
    [Fact]
    public async Task What_others_have_built_upon_a_view_outlasts_the_switch()
    {
        await RecordRandomRunsAsync(Ledger, seed: 8, runs: 30);
        await Ledger.DataSource.ExecuteAsync(
            """
            create index run_views_by_model on runledger.run_views (model);
            create schema if not exists bi;
            create view bi.models with (security_barrier = true) as select model, count(*) as runs from runledger.run_views group by model;
            create view bi.most as select max(runs) as runs from bi.models;
            do $$ begin if to_regrole('bi_reader') is null then create role bi_reader; end if; end $$;
            grant usage on schema bi to bi_reader; grant select on bi.models to bi_reader; grant select on runledger.run_views to bi_reader;
            """);
        const string facts = """
            select concat_ws(' ', (select string_agg(indexname || indexdef, ',' order by indexname) from pg_indexes where tablename = 'run_views'),
              has_table_privilege('bi_reader', 'runledger.run_views', 'select'), has_table_privilege('bi_reader', 'bi.models', 'select'),
              (select reloptions::text from pg_class where oid = 'bi.models'::regclass),
              (select string_agg(pg_get_constraintdef(oid) || conname, ',') from pg_constraint where conrelid = 'runledger.run_views'::regclass),
              (select runs from bi.most))
            """;
        var before = await Ledger.DataSource.AskAsync<string>(facts);
        await Ledger.DataSource.ExecuteAsync("create table bi.old as select 'runledger.run_views'::regclass::oid as id");

        await Ledger.Projections.RebuildAsync(Both, _ => { }, CancellationToken.None);
        Assert.Equal(before, await Ledger.DataSource.AskAsync<string>(facts));
        Assert.True(await Ledger.DataSource.AskAsync<bool>("select id <> 'runledger.run_views'::regclass from bi.old"));
    }

    [Fact]
    public async Task Who_may_read_which_rows_and_columns_of_a_view_stays_as_it_was()
    {
        await RecordRandomRunsAsync(Ledger, seed: 25, runs: 30);
        await Ledger.DataSource.ExecuteAsync(
            """
            do $$ begin if to_regrole('bi_reader') is null then create role bi_reader; end if; end $$;
            do $$ begin if to_regrole('"BI, few"') is null then create role "BI, few"; end if; end $$;
            alter table runledger.run_views enable row level security;
            alter table runledger.usage_buckets enable row level security;
            alter table runledger.usage_buckets force row level security;
            create policy "only red" on runledger.run_views for select to bi_reader, "BI, few" using (tenant_id = 'red');
            create policy everything on runledger.run_views as restrictive for all using (status <> 'secret') with check (false);
            create policy recorder on runledger.usage_buckets using (true);
            grant usage on schema runledger to bi_reader, "BI, few";
            grant select on runledger.run_views to bi_reader;
            grant select (tenant_id, run_id), update (status) on runledger.run_views to "BI, few" with grant option;
            alter default privileges in schema runledger grant select, delete on tables to "BI, few";
            create statistics runledger.threads_of_assistants (dependencies) on thread_id, assistant_id from runledger.run_views;
            """);
        const string facts = """
            select concat_ws(' ',
              (select string_agg(concat_ws(',', tablename, policyname, permissive, roles, cmd, qual, with_check), ';' order by tablename, policyname) from pg_policies),
              (select string_agg(concat_ws(',', relrowsecurity, relforcerowsecurity), ';' order by relname) from pg_class where relname in ('run_views', 'usage_buckets')),
              (select string_agg(concat_ws(',', table_name, grantee, privilege_type, is_grantable), ';' order by table_name, grantee, privilege_type)
                from information_schema.table_privileges where table_name in ('run_views', 'usage_buckets') and grantee <> current_user),
              (select string_agg(concat_ws(',', column_name, privilege_type, is_grantable), ';' order by column_name, privilege_type)
                from information_schema.column_privileges where table_name = 'run_views' and grantee = 'BI, few'),
              (select pg_get_statisticsobjdef(oid) from pg_statistic_ext where stxname = 'threads_of_assistants'))
            """;
        var before = await Ledger.DataSource.AskAsync<string>(facts);

        await Ledger.Projections.RebuildAsync(Both, _ => { }, CancellationToken.None);
        await Ledger.Projections.RebuildAsync(Both, _ => { }, CancellationToken.None);

        Assert.Equal(before, await Ledger.DataSource.AskAsync<string>(facts));
        await using var connection = await Ledger.DataSource.OpenConnectionAsync();
        await using var command = new NpgsqlCommand("set role bi_reader; select string_agg(distinct tenant_id, ',') from runledger.run_views", connection);
        Assert.Equal("red", await command.ExecuteScalarAsync());
        await Recomputation.AssertHoldsAsync(Ledger.DataSource);
    }

    [Theory]
    [InlineData("create function bi.f() returns trigger language plpgsql as 'begin return new; end'; create trigger audit after insert on runledger.run_views for each row execute function bi.f()", "drop trigger audit on runledger.run_views", "trigger audit on table runledger.run_views")]
    [InlineData("create materialized view bi.monthly as select count(*) from runledger.usage_buckets", "drop materialized view bi.monthly", "materialized view bi.monthly")]
    [InlineData("create publication warehouse for table runledger.run_views", "drop publication warehouse", "publication warehouse")]
    [InlineData("create rule quiet as on delete to runledger.usage_buckets do also notify deleted", "drop rule quiet on runledger.usage_buckets", "rule quiet on table runledger.usage_buckets")]
    [InlineData("create table bi.notes (tenant_id varchar, run_id varchar, foreign key (tenant_id, run_id) references runledger.run_views)", "drop table bi.notes", "constraint notes_")]
    [InlineData("create function bi.name(runledger.run_views) returns text language sql return $1.run_id", "drop function bi.name", "function bi.name(runledger.run_views)")]
    [InlineData("alter table runledger.run_views add constraint positive check (version > 0)", "alter table runledger.run_views drop constraint positive", "constraint positive on table runledger.run_views")]
    [InlineData("create table runledger.run_views_old (n int); create materialized view bi.left_behind as select n from runledger.run_views_old", "drop materialized view bi.left_behind", "materialized view bi.left_behind")]
    public async Task What_a_rebuild_cannot_carry_over_is_named_before_anything_is_copied(string make, string drop, string named)
    {
        await RecordRandomRunsAsync(Ledger, seed: 26, runs: 6);
        await Ledger.DataSource.ExecuteAsync($"create schema bi; {make}");

        var refused = await Assert.ThrowsAsync<UncarriedObjectsException>(() => Ledger.Projections.RebuildAsync(Both, _ => Assert.Fail("It began."), CancellationToken.None));
        Assert.Contains(named, refused.Message, StringComparison.Ordinal);

        await Ledger.DataSource.ExecuteAsync(drop);
        await Ledger.Projections.RebuildAsync(Both, _ => { }, CancellationToken.None);
        await Recomputation.AssertHoldsAsync(Ledger.DataSource);
    }

    [Fact]
    public async Task What_cannot_be_carried_over_and_came_while_a_view_was_rebuilt_is_not_lost_by_the_switch()
    {
        await RecordRandomRunsAsync(Ledger, seed: 27, runs: 6);
        await Assert.ThrowsAsync<UncarriedObjectsException>(() => Ledger.Projections.RebuildAsync(Both, progress =>
        {
            if (progress.Phase == "catching_up")
                Ledger.DataSource.ExecuteAsync(
                    """
                    drop materialized view if exists public.late;
                    create materialized view public.late as select count(*) from runledger.run_views
                    """).GetAwaiter().GetResult();
        }, CancellationToken.None));

        Assert.Equal(6, await Ledger.DataSource.AskAsync<long>("select count from public.late"));
        await Ledger.DataSource.ExecuteAsync("drop materialized view public.late");
        await Ledger.Projections.RebuildAsync(Both, _ => { }, CancellationToken.None);
        await Recomputation.AssertHoldsAsync(Ledger.DataSource);
    }
}
