using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using RunLedger.Simulator.Runs;

namespace RunLedger.Simulator.Api;

/// <summary>One page of a thread's runs: <c>{"object":"list","data","first_id","last_id","has_more"}</c>.</summary>
internal sealed record RunPage(IReadOnlyList<RunSnapshot> Runs, bool HasMore)
{
    /// <summary>
    /// Cuts a page out of a thread's runs. <c>after</c> and <c>before</c> are ids in the list's own order. A page before an id
    /// holds those right before it, so that walking back meets every run; has_more tells whether there are more that way.
    /// </summary>
    /// <param name="oldestFirst">All runs of the thread in the order of their creation.</param>
    /// <param name="query">limit (1 to 100, 20), order (asc, desc), after, before.</param>
    /// <exception cref="ApiException">400: a parameter is out of its range, or a cursor names no run of the thread.</exception>
    public static RunPage Cut(IReadOnlyList<RunSnapshot> oldestFirst, IQueryCollection query)
    {
        var limit = Limit(query["limit"]);
        IReadOnlyList<RunSnapshot> ordered = IsAscending(query["order"]) ? oldestFirst : [.. oldestFirst.Reverse()];
        string? after = query["after"], before = query["before"];
        var start = after is null ? 0 : IndexOf(ordered, after, "after") + 1;
        var end = before is null ? ordered.Count : IndexOf(ordered, before, "before");
        var between = Math.Max(0, end - start);
        var first = before is not null && after is null ? end - Math.Min(limit, between) : start;
        return new RunPage([.. ordered.Skip(first).Take(Math.Min(limit, between))], between > limit);
    }

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("object", "list");
        writer.WriteStartArray("data");
        foreach (var run in Runs)
        {
            writer.WriteRun(run);
        }

        writer.WriteEndArray();
        writer.WriteString("first_id", Runs.Count > 0 ? Runs[0].Run.Id : null);
        writer.WriteString("last_id", Runs.Count > 0 ? Runs[^1].Run.Id : null);
        writer.WriteBoolean("has_more", HasMore);
        writer.WriteEndObject();
    }

    private static int Limit(string? text)
    {
        if (text is null)
        {
            return 20;
        }

        return !int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var limit)
            ? throw ApiException.WrongType("limit", "an integer")
            : limit < 1 ? throw OutOfRange("below minimum", ">= 1", limit, "integer_below_min_value")
            : limit > 100 ? throw OutOfRange("above maximum", "<= 100", limit, "integer_above_max_value")
            : limit;
    }

    private static ApiException OutOfRange(string how, string expected, int limit, string code) => ApiException.BadRequest(
        $"Invalid 'limit': integer {how} value. Expected a value {expected}, but got {limit} instead.", "limit", code);

    private static bool IsAscending(string? order) => order switch
    {
        null or "desc" => false,
        "asc" => true,
        _ => throw ApiException.BadValue("order", order, "'asc' and 'desc'"),
    };

    private static int IndexOf(IReadOnlyList<RunSnapshot> runs, string id, string param)
    {
        for (var i = 0; i < runs.Count; i++)
        {
            if (runs[i].Run.Id == id)
            {
                return i;
            }
        }

        throw ApiException.BadRequest($"No run found with id '{id}'.", param);
    }
}
