using Npgsql;
using RunLedger.Contract;
using RunLedger.Postgres.Recording;

[assembly: TestFramework("RunLedger.Contract.SharedServerFramework", "RunLedger.Contract")]

namespace RunLedger.Marten.Tests;

/// <summary>A database that the Marten engine writes.</summary>
public sealed class MartenDatabase : EngineDatabase
{
    public override IEngine Engine(NpgsqlDataSource dataSource) => new MartenEventStore(dataSource);
}

// The contract, kept by the Marten engine.
public sealed class MartenEngine_is_lossless(MartenDatabase database) : LosslessContract(database), IClassFixture<MartenDatabase>;

public sealed class MartenEngine_records_exactly_once(MartenDatabase database) : ExactlyOnceContract(database), IClassFixture<MartenDatabase>;

public sealed class MartenEngine_tolerates_disorder(MartenDatabase database) : OrderContract(database), IClassFixture<MartenDatabase>;

public sealed class MartenEngine_survives_kills(MartenDatabase database) : DurabilityContract(database), IClassFixture<MartenDatabase>;

public sealed class MartenEngine_reports_exactly(MartenDatabase database) : ExactReportsContract(database), IClassFixture<MartenDatabase>;

public sealed class MartenEngine_skips_no_position(MartenDatabase database) : PositionContract(database), IClassFixture<MartenDatabase>;

public sealed class MartenEngine_answers_bad_input(MartenDatabase database) : QuarantineContract(database), IClassFixture<MartenDatabase>;

public sealed class MartenEngine_keeps_tenants_apart(MartenDatabase database) : TenancyContract(database), IClassFixture<MartenDatabase>;

public sealed class MartenEngine_decides_again_on_conflict(MartenDatabase database) : ConflictContract(database), IClassFixture<MartenDatabase>;

public sealed class MartenEngine_serves_readers(MartenDatabase database) : ReadingContract(database), IClassFixture<MartenDatabase>;

public sealed class MartenEngine_serves_submitters(MartenDatabase database) : RecorderContract(database), IClassFixture<MartenDatabase>;

public sealed class MartenEngine_outlasts_outages(MartenDatabase database) : OutageContract(database), IClassFixture<MartenDatabase>;

public sealed class MartenEngine_writes_its_own_tables(MartenDatabase database) : SchemaContract(database), IClassFixture<MartenDatabase>
{
    protected override bool MayHaveMoreColumns => true;
}

public sealed class MartenEngine_writes_views_by_their_definitions(MartenDatabase database) : ViewDefinitionContract(database), IClassFixture<MartenDatabase>;

public sealed class MartenEngine_reads_earlier_versions(MartenDatabase database) : EvolutionContract(database), IClassFixture<MartenDatabase>;

public sealed class MartenEngine_rebuilds_views(MartenDatabase database) : RebuildContract(database), IClassFixture<MartenDatabase>;

public sealed class MartenEngine_carries_over_what_stands_on_views(MartenDatabase database) : SwitchContract(database), IClassFixture<MartenDatabase>;

public sealed class MartenEngine_verifies_views(MartenDatabase database) : VerifyContract(database), IClassFixture<MartenDatabase>;

public sealed class MartenEngine_is_tamper_evident(MartenDatabase database) : AuditContract(database), IClassFixture<MartenDatabase>;
