using System.Globalization;
using System.Text;
using RunLedger.Domain.Observations;

namespace RunLedger.Domain.Pricing;

/// <summary>Reads prices from CSV with a header line (RFC 4180); columns may stand in any order, and others beside them.</summary>
internal static class PriceCsv
{
    public static Checked<PriceList> Read(string text, DateTimeOffset from)
    {
        var rows = Rows(text);
        var columns = rows[0].Select((name, index) => (name: name.Trim(), index)).GroupBy(column => column.name).ToDictionary(same => same.Key, same => same.First().index);
        foreach (var needed in (string[])["model", "prompt_per_million", "completion_per_million"])
            if (!columns.ContainsKey(needed)) return new Defect(needed, "is no column of the first line");

        var prices = new List<Price>();
        foreach (var (row, index) in rows.Skip(1).Select((row, index) => (row, index)))
        {
            string? Cell(string name) => columns.TryGetValue(name, out var at) && at < row.Count ? row[at].Trim() : null;
            var place = string.Create(CultureInfo.InvariantCulture, $"row {index + 1}");
            var read = PriceList.PriceOf(
                place, Cell("model"), Cell("from"), from, Cell("prompt_per_million"), Cell("cached_per_million"), Cell("completion_per_million"));
            if (read.Defect is { } defect) return defect;
            prices.Add(read.Value!);
        }
        return PriceList.Of(prices);
    }

    // Empty lines are none.
    private static List<List<string>> Rows(string text)
    {
        var (rows, row, cell, isQuoted) = (new List<List<string>>(), new List<string>(), new StringBuilder(), false);
        void EndRow()
        {
            row.Add(cell.ToString());
            cell.Clear();
            if (row is not [""]) rows.Add(row);
            row = [];
        }

        for (var i = 0; i < text.Length; i++)
        {
            var next = text[i];
            if (isQuoted && next == '"' && i + 1 < text.Length && text[i + 1] == '"') cell.Append(text[i++]);
            else if (next == '"') isQuoted = !isQuoted;
            else if (isQuoted || next is not (',' or '\n' or '\r')) cell.Append(next);
            else if (next == ',')
            {
                row.Add(cell.ToString());
                cell.Clear();
            }
            else EndRow();
        }
        EndRow();
        return rows;
    }
}
