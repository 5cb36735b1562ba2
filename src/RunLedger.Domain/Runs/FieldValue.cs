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
    /// <param name="json">Its text.</param>
    /// <param name="storable">Whether <c>jsonb</c> can hold the text without loss.</param>
    public sealed class Inline(JsonText json, bool storable) : FieldValue
    {
        private byte[]? _canonical;

        /// <summary>The value's text, without white space between tokens where it has just been observed.</summary>
        public JsonText Json { get; } = json;

        /// <summary>Whether <c>jsonb</c> can hold the text as it is; otherwise it is stored as a string of JSON (<c>$json</c>).</summary>
        public bool Storable { get; } = storable;

        internal ReadOnlySpan<byte> Canonical => _canonical ??= CanonicalJson.Of(Json);
    }

    /// <summary>A large value: instructions, tools, outputs.</summary>
    /// <param name="reference">Which content.</param>
    /// <param name="content">The content, where it has just been observed or has been looked up; null where only the reference is at hand.</param>
    public sealed class Large(ContentReference reference, JsonText? content) : FieldValue
    {
        /// <summary>Which content.</summary>
        public ContentReference Reference { get; } = reference;

        /// <summary>The content, if at hand.</summary>
        public JsonText? Content { get; } = content;
    }

    /// <summary>The text, or null if only a reference is at hand.</summary>
    public JsonText? Text => this is Inline inline ? inline.Json : ((Large)this).Content;

    /// <summary>The same value without content that can be looked up again, so that it is cheap to keep.</summary>
    public FieldValue Light => this is Large { Content: not null } large ? new Large(large.Reference, null) : this;

    /// <summary>Makes a field's value from an observed text.</summary>
    /// <param name="json">The text.</param>
    /// <param name="beyondJsonb">Whether it cannot stand in <c>jsonb</c> as it is.</param>
    /// <param name="alwaysInline">Whether it stays in the event whatever its size, because views are made of it.</param>
    public static FieldValue Of(JsonText json, bool beyondJsonb, bool alwaysInline = false)
    {
        var text = json.Minified();
        return !alwaysInline && text.Utf8.Length > LargestInline
            ? new Large(new ContentReference(Digest.Of(text.Utf8.Span), text.Utf8.Length), text)
            : new Inline(text, storable: !beyondJsonb);
    }

    /// <summary>Makes a value from an observed text of which nothing is known yet.</summary>
    public static FieldValue Of(JsonText json)
    {
        var text = json.Minified();
        return Of(text, CanonicalJson.IsBeyondJsonb(text));
    }
}

/// <summary>Names content that is stored once per tenant.</summary>
/// <param name="Sha256">The SHA-256 of the content's bytes, which are JSON text.</param>
/// <param name="Bytes">How many bytes it has.</param>
public readonly record struct ContentReference(Digest Sha256, int Bytes);
