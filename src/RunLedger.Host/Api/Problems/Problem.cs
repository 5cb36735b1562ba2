using System.Text.Json.Serialization;
using Microsoft.AspNetCore.WebUtilities;

namespace RunLedger.Host.Api.Problems;

/// <summary>Why a request was not done: a problem detail (RFC 9457), <c>application/problem+json</c>.</summary>
public sealed record Problem
{
    /// <summary>The media type of problem details.</summary>
    public const string MediaType = "application/problem+json";

    /// <summary>The kind of problem; <c>about:blank</c> where the status says it all.</summary>
    public string Type { get; init; } = "about:blank";

    /// <summary>The status in words.</summary>
    public required string Title { get; init; }

    /// <summary>The HTTP status.</summary>
    public required int Status { get; init; }

    /// <summary>What is wrong with this request.</summary>
    public required string Detail { get; init; }

    /// <summary>The query parameter at fault.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Parameter { get; init; }

    /// <summary>The field of the body at fault.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Field { get; init; }

    /// <summary>The line of the body at fault, from 1.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Line { get; init; }

    /// <summary>The byte at fault within the body, from 0.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Offset { get; init; }

    /// <summary>The scope that the key lacks.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Scope { get; init; }

    /// <summary>The trace under which the host logged it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? TraceId { get; init; }

    /// <summary>The same as the APIs say it: OpenAI's SDKs look for it here, and show nothing else.</summary>
    public ApiError Error => ApiError.Of(this);

    /// <summary>A problem of a status.</summary>
    public static Problem Of(int status, string detail) => new()
    {
        Title = ReasonPhrases.GetReasonPhrase(status) is { Length: > 0 } phrase ? phrase : "Error",
        Status = status,
        Detail = detail,
    };
}

/// <summary>A problem as OpenAI's APIs say it (API reference, "Errors").</summary>
/// <param name="Message">What is wrong with this request.</param>
/// <param name="Type"><c>invalid_request_error</c>, or <c>server_error</c> where the request is not at fault.</param>
/// <param name="Code">The status in a word, e.g. <c>not_found</c>.</param>
/// <param name="Param">The parameter or the field at fault; null if it is none.</param>
public sealed record ApiError(string Message, string Type, string Code, string? Param)
{
    /// <summary>The error of a problem.</summary>
    internal static ApiError Of(Problem problem) => new(
        problem.Detail,
        problem.Status >= StatusCodes.Status500InternalServerError ? "server_error" : "invalid_request_error",
        problem.Title.ToLowerInvariant().Replace(' ', '_'),
        problem.Parameter ?? problem.Field);
}

/// <summary>Ends a request with a problem.</summary>
/// <param name="problem">The problem.</param>
public sealed class ApiException(Problem problem) : Exception(problem.Detail)
{
    /// <summary>Makes the exception for a problem of a status.</summary>
    public ApiException(int status, string detail)
        : this(Problem.Of(status, detail))
    {
    }

    /// <summary>The problem.</summary>
    public Problem Problem { get; } = problem;

    /// <summary>A query parameter that cannot be read.</summary>
    /// <param name="parameter">Its name.</param>
    /// <param name="reason">What is wrong with it, as a sentence without the name.</param>
    public static ApiException OfParameter(string parameter, string reason) =>
        new(Problem.Of(StatusCodes.Status400BadRequest, $"{parameter}: {reason}.") with { Parameter = parameter });

    /// <summary>A field of the body that cannot be taken.</summary>
    /// <param name="field">Its name.</param>
    /// <param name="reason">What is wrong with it, as a sentence without the name.</param>
    public static ApiException OfField(string field, string reason) =>
        new(Problem.Of(StatusCodes.Status400BadRequest, $"{field}: {reason}.") with { Field = field });

    /// <summary>Something that is not in the ledger, at least not in this tenant's.</summary>
    public static ApiException NotFound(string detail) => new(StatusCodes.Status404NotFound, detail);
}
