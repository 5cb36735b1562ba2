namespace RunLedger.Domain.Observations;

/// <summary>
/// Puts fields in ordinal order. An API writes all its objects in one order, so that the way in which the last ones were sorted nearly
/// always fits the next ones and nothing has to be compared.
/// </summary>
internal static class FieldOrder
{
    [ThreadStatic]
    private static Sorting? _last;

    /// <summary>The fields in ordinal order; of several with the same name the last.</summary>
    public static SnapshotField[] Sorted(ReadOnlySpan<SnapshotField> fields)
    {
        if (_last is null || !_last.Fits(fields)) _last = Sorting.Of(fields);
        return _last.Apply(fields);
    }

    private sealed class Sorting(string[] names, int[] places)
    {
        public static Sorting Of(ReadOnlySpan<SnapshotField> fields)
        {
            var last = new SortedDictionary<string, int>(StringComparer.Ordinal);
            for (var i = 0; i < fields.Length; i++) last[fields[i].Name] = i;
            return new Sorting(Array.ConvertAll(fields.ToArray(), field => field.Name), [.. last.Values]);
        }

        public bool Fits(ReadOnlySpan<SnapshotField> fields)
        {
            if (fields.Length != names.Length) return false;
            for (var i = 0; i < fields.Length; i++)
                if (!ReferenceEquals(fields[i].Name, names[i]) && fields[i].Name != names[i]) return false;
            return true;
        }

        public SnapshotField[] Apply(ReadOnlySpan<SnapshotField> fields)
        {
            var sorted = new SnapshotField[places.Length];
            for (var i = 0; i < sorted.Length; i++) sorted[i] = fields[places[i]];
            return sorted;
        }
    }
}
