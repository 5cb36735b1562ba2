namespace RunLedger.Simulator.Api;

/// <summary>
/// An answer that is an error, in the words and the shape of the service: <c>{"error":{"message","type","param","code"}}</c>.
/// </summary>
internal sealed class ApiException(
    int status, string message, string type = "invalid_request_error", string? param = null, string? code = null) : Exception(message)
{
    /// <summary>The HTTP status.</summary>
    public int Status => status;

    public string Type => type;

    /// <summary>The field that is to blame.</summary>
    public string? Param => param;

    public string? Code => code;

    public static ApiException NotFound(string what, string id) => new(404, $"No {what} found with id '{id}'.");

    public static ApiException BadRequest(string message, string? param = null, string? code = null) =>
        new(400, message, param: param, code: code);

    public static ApiException Missing(string param) =>
        BadRequest($"Missing required parameter: '{param}'.", param, "missing_required_parameter");

    public static ApiException WrongType(string param, string expected) =>
        BadRequest($"Invalid type for '{param}': expected {expected}.", param, "invalid_type");

    public static ApiException BadValue(string param, string value, string supported) =>
        BadRequest($"Invalid value: '{value}'. Supported values are: {supported}.", param, "invalid_value");
}
