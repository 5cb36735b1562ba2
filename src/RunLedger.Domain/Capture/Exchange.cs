using System.Text.Json;
using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;

namespace RunLedger.Domain.Capture;

/// <summary>An HTTP exchange with an API that shows runs.</summary>
/// <param name="Method">The request's method.</param>
/// <param name="Path">The request's path; a query, or what stands before the path in a URL, does not matter.</param>
/// <param name="Request">The request's body where it was JSON, at most <see cref="JsonText.MaxDepth"/> deep.</param>
/// <param name="Status">The answer's status.</param>
/// <param name="ContentType">The answer's media type; null if it had none.</param>
/// <param name="Body">The answer's body: JSON text, or the text of an event stream.</param>
public sealed record Exchange(string Method, string Path, JsonText? Request, int Status, string? ContentType, ReadOnlyMemory<byte> Body)
{
    /// <summary>Whether the answer says that it is an event stream.</summary>
    public bool IsEventStream => ContentType?.TrimStart().StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>The request, if it is one of those that change a run and its body is a JSON object.</summary>
    public CapturedRequest? CapturedRequest =>
        Request is { Kind: JsonValueKind.Object } body && KindOfRequest(Method, Path) is { } kind ? new CapturedRequest(kind, body) : null;

    /// <summary>
    /// Which of the requests that change a run a request is; null for all others, whose bodies show nothing. As the API references have them: POST
    /// /threads/runs, /threads/{id}/runs, /threads/{id}/runs/{run}[/submit_tool_outputs], /responses.
    /// </summary>
    /// <param name="method">The request's method.</param>
    /// <param name="path">Its path; a query, or what stands before the path in a URL, does not matter.</param>
    public static RequestKind? KindOfRequest(string method, string path)
    {
        if (!method.Equals("POST", StringComparison.OrdinalIgnoreCase)) return null;
        var end = path.AsSpan().IndexOfAny('?', '#');
        return (end < 0 ? path : path[..end]).TrimEnd('/').Split('/') switch
        {
            [.., "threads", _, "runs", _, "submit_tool_outputs"] => RequestKind.SubmitToolOutputs,
            [.., "threads", "runs"] or [.., "threads", _, "runs"] or [.., "responses"] => RequestKind.Create,
            [.., "threads", _, "runs", _] => RequestKind.Modify,
            _ => null,
        };
    }
}
