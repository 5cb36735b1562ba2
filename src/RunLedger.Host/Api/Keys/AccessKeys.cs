using System.Security.Cryptography;
using System.Text;
using RunLedger.Domain.Observations;

namespace RunLedger.Host.Api.Keys;

/// <summary>
/// The keys that callers may use, as the settings section <c>Keys</c> has them. With none configured every caller is the default tenant with
/// all scopes, and only loopback is served.
/// </summary>
public sealed class AccessKeys
{
    private readonly AccessKey[] _keys;

    private AccessKeys(AccessKey[] keys) => _keys = keys;

    /// <summary>Whether any key is configured.</summary>
    public bool AreConfigured => _keys.Length > 0;

    /// <summary>Reads the section <c>Keys</c>: a list of <c>{name, sha256 or key, tenant, scopes}</c>.</summary>
    /// <exception cref="InvalidOperationException">An entry is not complete or not readable; the message names it.</exception>
    public static AccessKeys Read(IConfiguration settings) => new([.. settings.GetSection("Keys").GetChildren().Select(AccessKey.Read)]);

    /// <summary>
    /// The caller whose key this is; null if it is nobody's. Every key is compared, each in constant time, so that the time that it takes tells
    /// nothing about the keys.
    /// </summary>
    public Caller? Find(ReadOnlySpan<char> presented)
    {
        Span<byte> utf8 = stackalloc byte[AccessKey.LongestKey * 3];
        if (presented.Length > AccessKey.LongestKey) return null;
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(utf8[..Encoding.UTF8.GetBytes(presented, utf8)], digest);
        Caller? found = null;
        foreach (var key in _keys)
            if (CryptographicOperations.FixedTimeEquals(key.Sha256, digest)) found = key.Caller;
        return found;
    }

    private sealed record AccessKey(byte[] Sha256, Caller Caller)
    {
        public const int LongestKey = 512;

        public static AccessKey Read(IConfigurationSection entry)
        {
            var name = entry["name"] is { Length: > 0 } given ? given : throw Wrong(entry, "name", "is missing");
            var tenant = entry["tenant"] switch
            {
                null => TenantId.Default,
                "" => throw Wrong(entry, "tenant", "is empty"),
                var other => new TenantId(other),
            };
            return new AccessKey(ReadDigest(entry), new Caller(name, tenant, ReadScopes(entry)));
        }

        private static byte[] ReadDigest(IConfigurationSection entry)
        {
            var (sha256, key) = (entry["sha256"], entry["key"]);
            if (sha256 is null == key is null) throw Wrong(entry, "sha256", "or key: exactly one of them is needed");
            if (key is not null)
                return key.Length is > 0 and <= LongestKey
                    ? SHA256.HashData(Encoding.UTF8.GetBytes(key))
                    : throw Wrong(entry, "key", $"has not 1 to {LongestKey} characters");
            return sha256!.Length == SHA256.HashSizeInBytes * 2 && sha256.All(char.IsAsciiHexDigit)
                ? Convert.FromHexString(sha256)
                : throw Wrong(entry, "sha256", "is not 64 hexadecimal digits");
        }

        private static Scopes ReadScopes(IConfigurationSection entry)
        {
            var scopes = entry.GetSection("scopes").GetChildren().Aggregate(Scopes.None, (all, next) => all | (next.Value switch
            {
                "observe" => Scopes.Observe,
                "read" => Scopes.Read,
                "admin" => Scopes.All,
                _ => throw Wrong(entry, "scopes", $"has '{next.Value}', which is none of observe, read, admin"),
            }));
            return scopes == Scopes.None ? throw Wrong(entry, "scopes", "is missing: a list of observe, read, admin") : scopes;
        }

        private static InvalidOperationException Wrong(IConfigurationSection entry, string setting, string reason) =>
            new($"{entry.Path}:{setting} {reason}.");
    }
}
