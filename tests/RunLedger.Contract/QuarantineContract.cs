using System.Text;
using RunLedger.Contract.Samples;
using RunLedger.Domain.Capture;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Quarantine;
using RunLedger.Domain.Runs;
using RunLedger.Postgres.Quarantine;
using RunLedger.Postgres.Recording;

namespace RunLedger.Contract;

/// <summary>G9: bad input is answered and kept; the good items beside it are recorded.</summary>
public abstract class QuarantineContract(EngineDatabase database) : LedgerContract(database)
{
    [Fact]
    public async Task Bad_items_are_kept_once_with_their_reasons_and_the_good_ones_beside_them_are_recorded()
    {
        Submission[] all =
        [
            Bad("{", "", "is not valid JSON"), Tenant.Seen(RunJson.Queued("run_1"), 1), Bad("\0\u0001", "a\0b", "\ud800"),
            Bad("{", "", "is not valid JSON"), Tenant.Seen(RunJson.Queued("run_2"), 1),
        ];
        var receipts = await RecordAsync(all);
        await using var other = await Database.OpenAsync();
        await other.Recorder.RecordAsync(all, CancellationToken.None);

        Assert.Equal(
            [Outcome.Quarantined, Outcome.Recorded, Outcome.Quarantined, Outcome.Quarantined, Outcome.Recorded], receipts.Select(receipt => receipt.Outcome));
        Assert.Equal("is not valid JSON", receipts[0].Error!.Reason);
        var waiting = await WaitingAsync();
        Assert.Equal(["{", "\0\u0001"], waiting.Select(item => Encoding.UTF8.GetString(item.Beginning.Span)));
        Assert.Equal(new Defect("a\ufffdb", "\ufffd"), waiting[1].Defect);
        await ViewAsync("run_1");
        await ViewAsync("run_2");
    }

    [Theory]
    [InlineData(50)]
    [InlineData(800)]
    public async Task An_observation_that_only_the_database_refuses_is_isolated_from_its_neighbours(int neighbours)
    {
        await RefuseNotesAsync($"refused_of_{neighbours}");
        var refused = Enumerable.Range(0, 3).Select(number => RunJson.Queued($"run_refused_{number}").With("note", "\"refused\"")).ToList();
        var good = Enumerable.Range(0, neighbours).Select(run => Tenant.Seen(RunJson.Queued($"run_{run}"), 1)).ToList();
        var all = good.ToList();
        all.InsertRange(20, refused.Select(run => Tenant.Seen(run, 1)));
        var receipts = await RecordAsync([.. all]);

        Assert.Equal(Enumerable.Range(20, 3), receipts.Index().Where(item => item.Item.Outcome == Outcome.Quarantined).Select(item => item.Index));
        Assert.All(receipts.Skip(20).Take(3), receipt => Assert.Contains("SQLSTATE 23514", receipt.Error!.Reason, StringComparison.Ordinal));
        Assert.Equal(refused.Select(run => Samples.Observed.Snapshot($"{run}").Id), receipts.Skip(20).Take(3).Select(receipt => receipt.Run!.Value));
        await GiveBackAsync([.. all.Zip(receipts).Where(item => item.Second.Outcome == Outcome.Recorded)]);
        Assert.Equal(
            refused.Select(run => Samples.Observed.Snapshot($"{run}").Digest).ToHashSet(),
            (await WaitingAsync()).Select(item => Assert.IsType<Domain.Capture.Observed>(Read(item)).Observation.Snapshot.Digest).ToHashSet());
        await Recomputation.AssertHoldsAsync(Ledger.DataSource);
    }

    [Fact]
    public async Task An_observation_that_a_constraint_refuses_goes_to_quarantine_and_later_ones_of_its_run_are_recorded()
    {
        var name = $"test_{Tenant.Value.Replace('-', '_')}";
        await Ledger.DataSource.ExecuteAsync(
            $"""
            alter table runledger.mt_events add constraint {name}
            check (not (tenant_id = '{Tenant}' and data #>> array['set', 'note'] = 'refused')) not valid
            """);
        var run = RunJson.Queued("run_1");
        var receipts = await RecordAsync(
            Tenant.Seen(run, 1),
            Tenant.Seen(run.With("note", "\"refused\""), 2),
            Tenant.Seen(run.With("note", "\"fine\""), 3),
            Tenant.Seen(RunJson.Queued("run_2"), 1));

        Assert.Equal([Outcome.Recorded, Outcome.Quarantined, Outcome.Recorded, Outcome.Recorded], receipts.Select(receipt => receipt.Outcome));
        Assert.Equal(["run_queued", "run_details_changed"], (await HistoryAsync("run_1")).Events.Select(recorded => RunEventTypes.Of(recorded.Event).Alias));
    }

    [Fact]
    public async Task What_stands_beside_a_snapshot_is_kept_as_far_as_the_database_can_hold_it()
    {
        var seen = Tenant.Seen(RunJson.Queued("run_1"), 1);
        var receipt = (await RecordAsync(seen with { Observation = seen.Observation with { CorrelationId = "a\0\ud800", Source = "\0\ud800b" } }))[0];

        Assert.Equal(Outcome.Recorded, receipt.Outcome);
        var recorded = Assert.Single((await HistoryAsync("run_1")).Events);
        Assert.Equal(("a\ufffd\ufffd", "\ufffd\ufffdb"), (recorded.CorrelationId, recorded.Event.Sighting.Source));
    }

    [Fact]
    public async Task What_cannot_even_be_sent_to_the_database_harms_neither_its_neighbours_nor_later_ones()
    {
        // The name of this tenant is no Unicode text: the driver refuses it, and quarantine could not name it either.
        var unsendable = new TenantId("\ud800").Seen(RunJson.Queued("run_bad"), 1);
        var good = Enumerable.Range(0, 10).Select(run => Tenant.Seen(RunJson.Queued($"run_{run}"), 1)).ToList();
        var first = RecordEachAsync(Ledger, good.Take(5));
        var bad = RecordEachAsync(Ledger, [unsendable]);
        var rest = RecordEachAsync(Ledger, good.Skip(5));

        await Assert.ThrowsAnyAsync<ArgumentException>(() => bad);
        Assert.All((await first).Concat(await rest), item => Assert.Equal(Outcome.Recorded, item.Receipt.Outcome));
        await Recomputation.AssertHoldsAsync(Ledger.DataSource);
    }

    [Fact]
    public async Task A_batch_that_the_driver_gives_up_half_way_does_not_spoil_the_connection()
    {
        var oneConnection = new Npgsql.NpgsqlConnectionStringBuilder(Database.ConnectionString) { MaxPoolSize = 1 };
        await using var ledger = await Database.OpenAsync(oneConnection.ConnectionString);
        var engine = Database.Engine(ledger.DataSource);
        for (var round = 0; round < 5; round++)
        {
            var good = await ledger.Recorder.RecordAsync([Tenant.Seen(RunJson.Queued($"run_{round}"), 1)], CancellationToken.None);
            Assert.Equal(Outcome.Recorded, good[0].Outcome);

            var bad = Appending.FirstSight(Tenant, $"run_bad_{round}", correlationId: "\ud800");
            await Assert.ThrowsAnyAsync<ArgumentException>(() => engine.AppendAsync(bad, CancellationToken.None));
        }
        await Recomputation.AssertHoldsAsync(Ledger.DataSource);
    }

    [Fact]
    public async Task A_run_whose_stream_cannot_be_read_does_not_keep_other_runs_from_being_recorded()
    {
        var started = Tenant.Seen(RunJson.Queued("run_1").Started(2), 2);
        await RecordAsync(RunJson.Queued("run_1"), 1);
        await Ledger.DataSource.ExecuteAsync($"update runledger.mt_events set type = 'of_a_later_version' where tenant_id = '{Tenant}'");
        try
        {
            await using var other = await Database.OpenAsync();
            var neighbours = new[] { "run_2", "run_3" }.Select(run => Tenant.Seen(RunJson.Queued(run), 1)).ToList();
            var good = RecordEachAsync(other, neighbours.Take(1));
            var failure = await Assert.ThrowsAsync<UnreadableStreamException>(() => RecordEachAsync(other, [started]));
            Assert.All(
                (await good).Concat(await RecordEachAsync(other, neighbours.Skip(1))), item => Assert.Equal(Outcome.Recorded, item.Receipt.Outcome));
            Assert.Contains("run_1", failure.Message, StringComparison.Ordinal);

            // Together they are decided apart: what is good is recorded, though the submitter of all is told that not all was.
            var more = Tenant.Seen(RunJson.Queued("run_4"), 1);
            await Assert.ThrowsAsync<UnreadableStreamException>(() => other.Recorder.RecordAsync([started, more], CancellationToken.None));
            await Eventually.HoldsAsync("the good one is recorded", async () => await Ledger.Runs.FindAsync(Tenant, new RunId("run_4"), CancellationToken.None) is not null);
            Assert.Empty(await WaitingAsync());
        }
        finally
        {
            await Ledger.DataSource.ExecuteAsync("update runledger.mt_events set type = 'run_queued' where type = 'of_a_later_version'");
        }
        Assert.Equal(Outcome.Recorded, (await RecordAsync(started))[0].Outcome);
    }

    [Theory]
    [InlineData(TimeBasis.Stated)]
    [InlineData(TimeBasis.Assumed)]
    public async Task What_was_known_of_an_observation_that_only_the_database_refuses_is_kept_with_it(TimeBasis basis)
    {
        await RefuseNotesAsync($"refused_{basis}");
        var seen = Tenant.Seen(RunJson.Queued("run_1").With("note", "\"refused\""), 7, basis);
        var body = new Domain.Json.JsonText(Encoding.UTF8.GetBytes("""{"tool_outputs":[{"output":"42"}]}"""));
        var observation = seen.Observation with { Source = "proxy", CorrelationId = "trace 1", Request = new CapturedRequest(RequestKind.SubmitToolOutputs, body) };
        await RecordAsync(seen with { Observation = observation });
        await RecordAsync(seen with { Observation = observation });
        if (basis == TimeBasis.Assumed) await RecordAsync(seen with { Observation = observation with { ObservedAt = Samples.Observed.At(8) } });

        var kept = Assert.IsType<Domain.Capture.Observed>(Read(Assert.Single(await WaitingAsync()))).Observation;

        Assert.Equal(
            (observation.Snapshot.Digest, Samples.Observed.At(7), basis, "proxy", "trace 1"),
            (kept.Snapshot.Digest, kept.ObservedAt, kept.Basis, kept.Source, kept.CorrelationId));
        Assert.Equal((RequestKind.SubmitToolOutputs, $"{body}"), (kept.Request!.Kind, $"{kept.Request.Body}"));
    }

    [Fact]
    public async Task A_fault_of_the_database_is_told_to_the_submitter_and_puts_nothing_into_quarantine()
    {
        var seen = Tenant.Seen(RunJson.Queued("run_1"), 1);
        await RecordAsync(seen);
        await Ledger.DataSource.ExecuteAsync("select setval('runledger.mt_events_sequence', (select min(seq_id) from runledger.mt_events), false)");
        try
        {
            var failure = await Assert.ThrowsAsync<Npgsql.PostgresException>(() => RecordAsync(RunJson.Queued("run_2"), 1));
            Assert.Equal("pkey_mt_events_seq_id", failure.ConstraintName);
            Assert.Empty(await WaitingAsync());
        }
        finally
        {
            await Ledger.DataSource.ExecuteAsync("select setval('runledger.mt_events_sequence', (select max(seq_id) from runledger.mt_events))");
        }
        Assert.Equal(Outcome.Recorded, (await RecordAsync(RunJson.Queued("run_2"), 1)).Outcome);
    }

    [Fact]
    public async Task An_item_waits_until_a_retry_records_it_and_pages_continue_after_an_item()
    {
        await RecordAsync([.. Enumerable.Range(0, 5).Select(item => Bad($"item {item}", "x", "is bad"))]);
        var first = await Ledger.Quarantine.ListAsync(Tenant, 0, 2, CancellationToken.None);
        var rest = await Ledger.Quarantine.ListAsync(Tenant, first[^1].Id, 10, CancellationToken.None);
        Assert.Equal(["item 0", "item 1", "item 2", "item 3", "item 4"], first.Concat(rest).Select(item => Encoding.UTF8.GetString(item.Beginning.Span)));

        await Ledger.Quarantine.MarkRetriedAsync(Tenant, first[0], Samples.Observed.At(50), null, CancellationToken.None);
        await Ledger.Quarantine.MarkRetriedAsync(Tenant, first[1], Samples.Observed.At(51), new Defect("y", "is still bad"), CancellationToken.None);
        var waiting = await WaitingAsync();
        Assert.Equal(4, waiting.Count);
        Assert.Equal((new Defect("y", "is still bad"), Samples.Observed.At(51)), (waiting[0].Defect, waiting[0].RetriedAt));
    }

    [Fact]
    public async Task A_list_shows_the_beginning_of_an_item_and_the_whole_is_read_alone()
    {
        var large = $"{{\"bad\":\"{new string('x', 100_000)}\"}}";
        await RecordAsync(Bad(large, "x", "is bad"));

        var waiting = Assert.Single(await WaitingAsync());

        Assert.Equal((4_096, large.Length), (waiting.Beginning.Length, waiting.Bytes));
        Assert.Equal(large, Encoding.UTF8.GetString((await Ledger.Quarantine.ReadAsync(Tenant, waiting, CancellationToken.None)).Span));
    }

    // The database refuses the events of runs that bear this note.
    private Task RefuseNotesAsync(string constraint) => Ledger.DataSource.ExecuteAsync(
        $"""
        alter table runledger.mt_events add constraint {constraint}
        check (not (tenant_id = '{Tenant}' and data #>> array['set', 'note'] = 'refused')) not valid
        """);

    private Submission.Rejected Bad(string item, string field, string reason) =>
        new(new QuarantinedItem(Tenant, Encoding.UTF8.GetBytes(item), "push", "line 1", new Defect(field, reason), Samples.Observed.At(1)));

    private static CapturedItem Read(WaitingItem item) =>
        Assert.Single(ObservationReader.Read(new FramedItem(item.Beginning, new ItemPointer(1, 1), 0), new CaptureOptions(item.Source)));

    private Task<IReadOnlyList<WaitingItem>> WaitingAsync() => Ledger.Quarantine.ListAsync(Tenant, 0, 100, CancellationToken.None);
}
