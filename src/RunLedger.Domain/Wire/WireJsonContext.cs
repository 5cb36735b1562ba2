using System.Text.Json;
using System.Text.Json.Serialization;

namespace RunLedger.Domain.Wire;

/// <summary>
/// The source-generated descriptions of the wire types: names in snake_case as in the API, nulls refused where the API promises a value,
/// strings and whole numbers read as <see cref="WireTextConverter"/> and <see cref="WholeNumberConverter"/> say.
/// </summary>
[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Metadata,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    RespectNullableAnnotations = true,
    MaxDepth = WireJson.MaxDepth,
    Converters = [typeof(WireTextConverter), typeof(WholeNumberConverter), typeof(RawJsonConverter)])]
[JsonSerializable(typeof(RunObject))]
[JsonSerializable(typeof(ListRunsResponse))]
[JsonSerializable(typeof(CreateRunRequest))]
[JsonSerializable(typeof(ModifyRunRequest))]
[JsonSerializable(typeof(SubmitToolOutputsRunRequest))]
[JsonSerializable(typeof(CreateMessageRequest))]
[JsonSerializable(typeof(ResponseObject))]
// The cases of unions, which their converters ask for.
[JsonSerializable(typeof(AssistantToolsCodeInterpreter))]
[JsonSerializable(typeof(AssistantToolsFileSearch))]
[JsonSerializable(typeof(AssistantToolsFunction))]
[JsonSerializable(typeof(AssistantsNamedToolChoice))]
[JsonSerializable(typeof(AssistantsApiResponseFormat))]
[JsonSerializable(typeof(IReadOnlyList<MessageContentPart>))]
[JsonSerializable(typeof(ResponseToolFunction))]
[JsonSerializable(typeof(ResponseFunctionCall))]
[JsonSerializable(typeof(ResponseConversationObject))]
// The values of optional fields, which OptionalConverter asks for.
[JsonSerializable(typeof(bool?))]
[JsonSerializable(typeof(double?))]
[JsonSerializable(typeof(long?))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(JsonElement?))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(AssistantsNamedToolChoiceFunction))]
[JsonSerializable(typeof(CodeInterpreterResources))]
[JsonSerializable(typeof(CompletionTokensDetails))]
[JsonSerializable(typeof(FileSearchRankingOptions))]
[JsonSerializable(typeof(FileSearchResources))]
[JsonSerializable(typeof(FileSearchSettings))]
[JsonSerializable(typeof(MessageImageFile))]
[JsonSerializable(typeof(MessageImageUrl))]
[JsonSerializable(typeof(PromptTokenDetails))]
[JsonSerializable(typeof(ResponseFormatJsonSchema))]
public sealed partial class WireJsonContext : JsonSerializerContext;
