using RunLedger.Domain.Observations;

namespace RunLedger.Domain.Runs;

/// <summary>Makes the events of captured requests.</summary>
internal static class Requests
{
    /// <summary>The event that records a request.</summary>
    /// <param name="request">What was captured.</param>
    /// <param name="createdAt">When the run was created, which is when a create request happened.</param>
    /// <param name="observation">The observation that it came with.</param>
    /// <param name="oldMetadata">The metadata before, where the request changed it.</param>
    /// <param name="changes">The fields that it changed.</param>
    public static RunEvent EventOf(
        CapturedRequest request, DateTimeOffset createdAt, Observation observation, FieldValue? oldMetadata, FieldChanges changes)
    {
        var body = FieldValue.Of(request.Body);
        var at = RunDecider.At(observation);
        return request.Kind switch
        {
            RequestKind.Create => new RunRequested(at with { OccurredAt = createdAt }, body),
            RequestKind.SubmitToolOutputs => new ToolOutputsSubmitted(at, body, changes),
            _ => new RunModified(at, oldMetadata, body, changes),
        };
    }
}
