using Npgsql;
using RunLedger.Contract;
using RunLedger.Postgres.Recording;

[assembly: TestFramework("RunLedger.Contract.SharedServerFramework", "RunLedger.Contract")]

namespace RunLedger.Postgres.Tests;

/// <summary>A database that the Npgsql engine writes.</summary>
public sealed class NpgsqlDatabase : EngineDatabase
{
    public override IEngine Engine(NpgsqlDataSource dataSource) => new NpgsqlEventStore(dataSource);
}

// The contract, kept by the Npgsql engine.
public sealed class NpgsqlEngine_is_lossless(NpgsqlDatabase database) : LosslessContract(database), IClassFixture<NpgsqlDatabase>;

public sealed class NpgsqlEngine_records_exactly_once(NpgsqlDatabase database) : ExactlyOnceContract(database), IClassFixture<NpgsqlDatabase>;

public sealed class NpgsqlEngine_tolerates_disorder(NpgsqlDatabase database) : OrderContract(database), IClassFixture<NpgsqlDatabase>;

public sealed class NpgsqlEngine_survives_kills(NpgsqlDatabase database) : DurabilityContract(database), IClassFixture<NpgsqlDatabase>;

public sealed class NpgsqlEngine_reports_exactly(NpgsqlDatabase database) : ExactReportsContract(database), IClassFixture<NpgsqlDatabase>;

public sealed class NpgsqlEngine_skips_no_position(NpgsqlDatabase database) : PositionContract(database), IClassFixture<NpgsqlDatabase>;

public sealed class NpgsqlEngine_reads_earlier_versions(NpgsqlDatabase database) : EvolutionContract(database), IClassFixture<NpgsqlDatabase>;

public sealed class NpgsqlEngine_answers_bad_input(NpgsqlDatabase database) : QuarantineContract(database), IClassFixture<NpgsqlDatabase>;

public sealed class NpgsqlEngine_keeps_tenants_apart(NpgsqlDatabase database) : TenancyContract(database), IClassFixture<NpgsqlDatabase>;

public sealed class NpgsqlEngine_decides_again_on_conflict(NpgsqlDatabase database) : ConflictContract(database), IClassFixture<NpgsqlDatabase>;

public sealed class NpgsqlEngine_serves_readers(NpgsqlDatabase database) : ReadingContract(database), IClassFixture<NpgsqlDatabase>;

public sealed class NpgsqlEngine_serves_submitters(NpgsqlDatabase database) : RecorderContract(database), IClassFixture<NpgsqlDatabase>;

public sealed class NpgsqlEngine_outlasts_outages(NpgsqlDatabase database) : OutageContract(database), IClassFixture<NpgsqlDatabase>;

public sealed class NpgsqlEngine_writes_Martens_tables(NpgsqlDatabase database) : SchemaContract(database), IClassFixture<NpgsqlDatabase>;

public sealed class NpgsqlEngine_writes_views_by_their_definitions(NpgsqlDatabase database) : ViewDefinitionContract(database), IClassFixture<NpgsqlDatabase>;

public sealed class NpgsqlEngine_rebuilds_views(NpgsqlDatabase database) : RebuildContract(database), IClassFixture<NpgsqlDatabase>;

public sealed class NpgsqlEngine_carries_over_what_stands_on_views(NpgsqlDatabase database) : SwitchContract(database), IClassFixture<NpgsqlDatabase>;

public sealed class NpgsqlEngine_verifies_views(NpgsqlDatabase database) : VerifyContract(database), IClassFixture<NpgsqlDatabase>;

public sealed class NpgsqlEngine_is_tamper_evident(NpgsqlDatabase database) : AuditContract(database), IClassFixture<NpgsqlDatabase>;
