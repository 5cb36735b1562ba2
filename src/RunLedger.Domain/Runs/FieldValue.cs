using RunLedger.Domain.Json;

namespace RunLedger.Domain.Runs;

/// <summary>The value of a field as events keep it: the text itself, or a reference to content that is stored once per tenant.</summary>
public abstract class FieldValue
{
    /// <summary>Values of more bytes than this are stored by reference.</summary>
    public const int LargestInline = 1024;

    private FieldValue()
    {
    }

    /// <summary>A small value.</summary>
    public sealed class Inline : FieldValue
    {
        private readonly bool _isCanonical;
        private byte[]? _canonical;

        /// <summary>Takes a text.</summary>
        /// <param name="json">The text.</param>
        /// <param name="storable">Whether <c>jsonb</c> can hold the text without loss.</param>
        public Inline(JsonText json, bool storable) => (Json, Storable) = (json, storable);

        /// <summary>Takes a text and its canonical form; null if the text is that.</summary>
        internal Inline(JsonText json, bool storable, byte[]? canonical) : this(json, storable) => (_isCanonical, _canonical) = (canonical is null, canonical);

        /// <summary>The value's text, without white space between tokens where it has just been observed.</summary>
        public JsonText Json { get; }

        /// <summary>Whether <c>jsonb</c> can hold the text as it is; otherwise it is stored as a string of JSON (<c>$json</c>).</summary>
        public bool Storable { get; }

        internal override ReadOnlySpan<byte> Canonical => _isCanonical ? Json.Utf8.Span : _canonical ??= CanonicalJson.Of(Json);
    }

    /// <summary>A large value: instructions, tools, outputs.</summary>
    public sealed class Large : FieldValue
    {
        private readonly byte[]? _canonical;

        /// <summary>Refers to content.</summary>
        /// <param name="reference">Which content.</param>
        /// <param name="content">The content, where it has just been observed or has been looked up; null where only the reference is at hand.</param>
        public Large(ContentReference reference, JsonText? content) => (Reference, Content) = (reference, content);

        /// <summary>Takes content and its canonical form; null if the content is that.</summary>
        internal Large(ContentReference reference, JsonText content, byte[]? canonical) : this(reference, content) => _canonical = canonical;

        /// <summary>Which content.</summary>
        public ContentReference Reference { get; }

        /// <summary>The content, if at hand.</summary>
        public JsonText? Content { get; }

        internal override ReadOnlySpan<byte> Canonical => _canonical ?? (Content ?? throw new InvalidOperationException("The content is not at hand.")).Utf8.Span;
    }

    /// <summary>The canonical form of the value; of a large one only where it has just been observed.</summary>
    internal abstract ReadOnlySpan<byte> Canonical { get; }

    /// <summary>The text, or null if only a reference is at hand.</summary>
    public JsonText? Text => this is Inline inline ? inline.Json : ((Large)this).Content;

    /// <summary>How many bytes of text this keeps in memory.</summary>
    public int KeptBytes => this is Inline inline ? inline.Json.Utf8.Length : ((Large)this).Content?.Utf8.Length ?? 0;

    /// <summary>The same value without content that can be looked up again, so that it is cheap to keep.</summary>
    public FieldValue Light => this is Large { Content: not null } large ? new Large(large.Reference, null) : this;

    /// <summary>Makes a field's value from an observed text, which is copied.</summary>
    /// <param name="json">The text.</param>
    /// <param name="alwaysInline">Whether it stays in the event whatever its size, because views are made of it.</param>
    public static FieldValue Of(JsonText json, bool alwaysInline = false)
    {
        var text = json.Minified();
        var writer = CanonicalJson.OfThisThread();
        writer.Write(text);
        var canonical = writer.Written.SequenceEqual(text.Utf8.Span) ? null : writer.Written.ToArray();
        return !alwaysInline && text.Utf8.Length > LargestInline
            ? new Large(new ContentReference(Digest.Of(text.Utf8.Span), text.Utf8.Length), text, canonical)
            : new Inline(text, storable: !writer.BeyondJsonb, canonical);
    }

    /// <summary>Whether both mean the same. A large value is known by its digest alone: another text of the same meaning is another value there.</summary>
    internal bool Means(FieldValue other) => ReferenceEquals(this, other) || (this, other) switch
    {
        (Inline x, Inline y) => x.Json == y.Json || x.Canonical.SequenceEqual(y.Canonical),
        (Large x, Large y) => x.Reference == y.Reference,
        _ => false,
    };
}

/// <summary>Names content that is stored once per tenant.</summary>
/// <param name="Sha256">The SHA-256 of the content's bytes, which are JSON text.</param>
/// <param name="Bytes">How many bytes it has.</param>
public readonly record struct ContentReference(Digest Sha256, int Bytes);
