using RunLedger.Domain.Json;

namespace RunLedger.Domain.Runs;

/// <summary>The changes that an observation shows, while they are shared out among its events: each field goes to one of them.</summary>
internal sealed class PendingChanges(FieldChanges changes)
{
    /// <summary>What has not been taken yet.</summary>
    public FieldChanges Left { get; private set; } = changes;

    /// <summary>Whether a field's change has not been taken yet.</summary>
    public bool Has(string name) => Left.Contains(name);

    /// <summary>The text that a field is set to, if its change has not been taken yet.</summary>
    public JsonText? this[string name] => Left[name];

    /// <summary>Takes the changes of these fields.</summary>
    public FieldChanges Take(params ReadOnlySpan<string> names)
    {
        var any = false;
        foreach (var name in names) any |= Has(name);
        if (!any) return FieldChanges.None;
        var wanted = names.ToArray();
        return TakeWhere(wanted.Contains);
    }

    /// <summary>Takes the changes of all fields whose name satisfies a condition.</summary>
    public FieldChanges TakeWhere(Func<string, bool> wanted)
    {
        var set = Left.Set.RemoveAll(field => !wanted(field.Name));
        var removed = Left.Removed.RemoveAll(name => !wanted(name));
        if (set.Length == Left.Set.Length && removed.Length == Left.Removed.Length) return TakeAll();
        if (set.IsEmpty && removed.IsEmpty) return FieldChanges.None;
        Left = new FieldChanges(Left.Set.RemoveAll(field => wanted(field.Name)), Left.Removed.RemoveAll(name => wanted(name)));
        return new FieldChanges(set, removed);
    }

    /// <summary>Takes all that is left.</summary>
    public FieldChanges TakeAll()
    {
        var taken = Left;
        Left = FieldChanges.None;
        return taken;
    }
}
