namespace RunLedger.Domain.Observations;

/// <summary>The tenant that an observation, and all that follows from it, belongs to. Nothing crosses tenants.</summary>
/// <param name="Value">The name, as it stands in <c>tenant_id</c> columns.</param>
public readonly record struct TenantId(string Value)
{
    /// <summary>The tenant of a ledger that knows only one; Marten's name for it.</summary>
    public static TenantId Default { get; } = new("*DEFAULT*");

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>The API's id of a run (<c>run_…</c>) or a response (<c>resp_…</c>): the key of its event stream within a tenant.</summary>
/// <param name="Value">The id.</param>
public readonly record struct RunId(string Value) : IComparable<RunId>
{
    /// <summary>Orders ids by their UTF-16 units.</summary>
    public int CompareTo(RunId other) => string.CompareOrdinal(Value, other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value;

    /// <summary>Whether the left id sorts first.</summary>
    public static bool operator <(RunId left, RunId right) => left.CompareTo(right) < 0;

    /// <summary>Whether the left id sorts last.</summary>
    public static bool operator >(RunId left, RunId right) => left.CompareTo(right) > 0;

    /// <summary>Whether the left id does not sort last.</summary>
    public static bool operator <=(RunId left, RunId right) => left.CompareTo(right) <= 0;

    /// <summary>Whether the left id does not sort first.</summary>
    public static bool operator >=(RunId left, RunId right) => left.CompareTo(right) >= 0;
}

/// <summary>Which API's object a snapshot is: the value of its <c>object</c> field.</summary>
public enum RunKind
{
    /// <summary>A run of the Assistants API, <c>thread.run</c>.</summary>
    ThreadRun,

    /// <summary>A response of the Responses API, <c>response</c>.</summary>
    Response,
}

/// <summary>The names of run kinds on the wire.</summary>
public static class RunKinds
{
    /// <summary>The <c>object</c> field's value for a kind.</summary>
    public static string Name(this RunKind kind) => kind == RunKind.Response ? "response" : "thread.run";

    /// <summary>The kind that an <c>object</c> field names; null if it names no kind of run.</summary>
    public static RunKind? Parse(string? name) => name switch
    {
        "thread.run" => RunKind.ThreadRun,
        "response" => RunKind.Response,
        _ => null,
    };
}
