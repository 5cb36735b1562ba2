using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using RunLedger.Domain.Pricing;
using RunLedger.Host.Api.Http;
using RunLedger.Host.Api.Pricing;
using RunLedger.Postgres.Pricing;
using Spectre.Console;

namespace RunLedger.Host.CommandLine;

/// <summary><c>prices</c>: what tokens cost, which the usage report counts with.</summary>
internal static class PricesCommand
{
    private static readonly Option<DateTimeOffset?> From = new("--from")
    {
        Description = "Since when a price holds that does not say so itself, a date or a whole hour; without it since ever.",
        HelpName = "TIME",
        CustomParser = ReadHour,
    };
    private static readonly Option<string?> Provider = new("--provider")
    {
        Description = "Of a LiteLLM price map, only the models of this litellm_provider, e.g. openai.",
        HelpName = "NAME",
    };
    private static readonly Argument<string> File = new("FILE") { Description = "A LiteLLM price map, CSV, or JSON as --json prints it; - for stdin." };
    private static readonly Argument<string> Model = new("MODEL") { Description = "The model, or a pattern in which each * stands for any text." };
    private static readonly Option<decimal?> Prompt = Amount("--prompt", "US dollars for a million input tokens.");
    private static readonly Option<decimal?> Cached = Amount("--cached", "US dollars for a million input tokens that were read from a cache; as --prompt without it.");
    private static readonly Option<decimal?> Completion = Amount("--completion", "US dollars for a million output tokens, reasoning included.");

    /// <summary>Makes the command; without a word after it, it lists.</summary>
    public static Command Create()
    {
        Prompt.Required = Completion.Required = true;
        Model.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var name }] && PriceList.DefectOfName(name) is { } defect) result.AddError($"MODEL {defect}.");
        });
        var list = new Command("list", "The prices, by model and time.") { CommonOptions.Json };
        list.SetAction(ListAsync);
        var import = new Command("import", "Takes in prices from a file, all or none.") { File, From, Provider, CommonOptions.Json };
        import.SetAction(ImportAsync);
        var set = new Command("set", "Sets the price of a model or a pattern.") { Model, Prompt, Cached, Completion, From, CommonOptions.Json };
        set.SetAction(SetAsync);
        var remove = new Command("remove", "Removes the prices of a model or a pattern, or only the one that begins at a time.") { Model, From };
        remove.SetAction(RemoveAsync);
        var command = new Command("prices", "What tokens cost: a corrected price corrects all reports.") { list, import, set, remove, CommonOptions.Json };
        command.SetAction(ListAsync);
        return command;
    }

    private static async Task<int> ListAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var open = await OpenLedger.OpenAsync(parsed, cancellationToken);
        var prices = await open.Ledger.Prices.ListAsync(open.Tenant, cancellationToken);
        if (parsed.GetValue(CommonOptions.Json)) JsonAnswer.Write(PriceListAnswer.Of(prices), ApiJson.Web.PriceListAnswer);
        else if (prices.Count > 0) Terminal.Print(TableOf(prices));
        else Terminal.Say($"No prices are known in {open.Place}.");
        return ExitCodes.Done;
    }

    private static async Task<int> ImportAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var path = parsed.GetRequiredValue(File);
        var read = PriceList.Read(await ReadAsync(path, cancellationToken), parsed.GetValue(From) ?? Price.Always, parsed.GetValue(Provider));
        if (read.Value is not { } list) throw new ProblemException($"No price was taken in from {path}: {read.Defect}.");
        return await TakeInAsync(parsed, list, path == "-" ? "stdin" : Path.GetFileName(path), cancellationToken);
    }

    private static Task<int> SetAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var prompt = parsed.GetValue(Prompt)!.Value / 1_000_000;
        var tokens = new TokenPrices(prompt, parsed.GetValue(Cached) / 1_000_000 ?? prompt, parsed.GetValue(Completion)!.Value / 1_000_000);
        var price = new Price(parsed.GetRequiredValue(Model), parsed.GetValue(From) ?? Price.Always, tokens);
        return TakeInAsync(parsed, new PriceList([price]), "command line", cancellationToken);
    }

    private static async Task<int> RemoveAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var open = await OpenLedger.OpenAsync(parsed, cancellationToken);
        var model = parsed.GetRequiredValue(Model);
        var removed = await open.Ledger.Prices.RemoveAsync(open.Tenant, model, parsed.GetValue(From), cancellationToken);
        if (removed == 0) throw new ProblemException($"There is no such price of {Printable.Line(model)} in {open.Place}.");
        Terminal.Print(string.Create(CultureInfo.InvariantCulture, $"Removed {removed} {(removed == 1 ? "price" : "prices")}."));
        return ExitCodes.Done;
    }

    private static async Task<int> TakeInAsync(ParseResult parsed, PriceList list, string source, CancellationToken cancellationToken)
    {
        await using var open = await OpenLedger.OpenAsync(parsed, cancellationToken);
        var changes = await open.Ledger.Prices.SetAsync(open.Tenant, list, source, TimeProvider.System.GetUtcNow(), cancellationToken);
        var answer = PriceChangesAnswer.Of(changes, list);
        if (parsed.GetValue(CommonOptions.Json)) JsonAnswer.Write(answer, ApiJson.Web.PriceChangesAnswer);
        else
        {
            Terminal.Print(string.Create(
                CultureInfo.InvariantCulture,
                $"Prices: {answer.Added:#,0} added, {answer.Changed:#,0} changed, {answer.Unchanged:#,0} unchanged, {answer.Skipped:#,0} skipped."));
            if (answer.Skipped > 0) Terminal.Print($"Skipped for: {Counts(answer.SkippedBecause)}.");
            if (answer.OtherRates.Count > 0) Terminal.Print($"Reports count with standard rates only. Models with other rates too, for: {Counts(answer.OtherRates)}.");
        }
        return ExitCodes.Done;
    }

    private static string Counts(IReadOnlyDictionary<string, int> counts) =>
        string.Join(", ", counts.Select(one => string.Create(CultureInfo.InvariantCulture, $"{one.Key} ({one.Value:#,0})")));

    private static async Task<byte[]> ReadAsync(string path, CancellationToken cancellationToken)
    {
        if (path != "-") return await System.IO.File.ReadAllBytesAsync(path, cancellationToken);
        await using var input = Console.OpenStandardInput();
        using var all = new MemoryStream();
        await input.CopyToAsync(all, cancellationToken);
        return all.ToArray();
    }

    private static Table TableOf(IEnumerable<StoredPrice> prices)
    {
        var table = Tables.Of("MODEL", "FROM", ">PROMPT/M", ">CACHED/M", ">COMPLETION/M", "SOURCE", "RECORDED");
        foreach (var answer in prices.Select(PriceAnswer.Of))
            table.AddRow(
                Tables.Cell(answer.Model), Tables.Cell(answer.From == Price.Always.UtcDateTime ? "always" : Tables.Text(answer.From)),
                Tables.Cell(Text(answer.PromptPerMillion)), Tables.Cell(Text(answer.CachedPerMillion)), Tables.Cell(Text(answer.CompletionPerMillion)),
                Tables.Cell(answer.Source), Tables.Cell(Tables.Text(answer.RecordedAt)));
        return table;
    }

    private static string Text(decimal amount) => amount.ToString(CultureInfo.InvariantCulture);

    private static Option<decimal?> Amount(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "USD",
        CustomParser = argument => ReadAmount(argument, name),
    };

    private static decimal? ReadAmount(ArgumentResult argument, string name)
    {
        var text = argument.Tokens[^1].Value;
        if (PriceList.Amount(text) is { } amount) return amount;
        argument.AddError($"{name} takes US dollars for a million tokens, not '{text}'.");
        return null;
    }

    private static DateTimeOffset? ReadHour(ArgumentResult argument)
    {
        var text = argument.Tokens[^1].Value;
        var time = TimeArgument.Parse(text, TimeProvider.System.GetUtcNow());
        if (time is { } at && at.UtcTicks % TimeSpan.TicksPerHour == 0) return at;
        argument.AddError($"--from takes a date such as 2026-08-26 or a whole hour such as 2026-08-26T09:00:00Z, not '{text}'.");
        return null;
    }
}
