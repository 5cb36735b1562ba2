return await RunLedger.Host.CommandLine.RunLedgerCommand.RunAsync(args);
