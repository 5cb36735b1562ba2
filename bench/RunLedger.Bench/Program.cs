using RunLedger.Bench;
using RunLedger.Postgres.Embedded;

// Measures RunLedger beside what the machine can do at best, in the same run: bench [--quick] [import] [http] [polls] [storage] [memory] [replay] [audit] [engines]
var quick = args.Contains("--quick");
var wanted = args.Where(argument => !argument.StartsWith('-')).ToHashSet();
bool Wants(string part) => wanted.Count == 0 || wanted.Contains(part);

await using var server = await EmbeddedPostgres.StartTemporaryAsync();
var table = new FigureTable();
if (Wants("import")) await ImportBench.RunAsync(server, table, runs: quick ? 5_000 : 20_000);
if (Wants("http")) await HttpBench.RunAsync(server, table, runsPerClient: quick ? 20 : 60);
if (Wants("polls")) await PollBench.RunAsync(server, table, rounds: quick ? 5 : 20);
if (Wants("storage")) await StorageBench.RunAsync(server, table, runs: quick ? 2_000 : 10_000);
if (Wants("memory")) await MemoryBench.RunAsync(server, table, bytes: quick ? 100_000_000 : 1_000_000_000);
if (Wants("replay")) await ReplayBench.RunAsync(server, table, quick ? [100_000] : [100_000, 1_000_000, 5_000_000]);
if (Wants("audit")) await AuditBench.RunAsync(server, table, events: quick ? 100_000 : 1_000_000);
if (Wants("engines")) await EngineBench.RunAsync(server, table, runs: quick ? 2_000 : 10_000, runsPerClient: quick ? 20 : 40, rounds: quick ? 2 : 10);
table.Print();
return 0;
