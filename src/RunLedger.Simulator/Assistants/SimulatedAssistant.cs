using System.Text.Json;

namespace RunLedger.Simulator.Assistants;

/// <summary>An assistant that the simulated service knows. Runs take their model, instructions and tools from it.</summary>
/// <param name="Id">The id, <c>asst_…</c>, the same in every simulation.</param>
/// <param name="Name">What it is for.</param>
/// <param name="Model">The model's name.</param>
/// <param name="Instructions">The system instructions.</param>
/// <param name="Tools">A JSON array of tools as the API has them: <c>code_interpreter</c>, <c>file_search</c> or <c>function</c>.</param>
/// <param name="ReasoningEffort">How hard a reasoning model thinks; null for other models.</param>
public sealed record SimulatedAssistant(
    string Id, string Name, string Model, string Instructions, JsonElement Tools, string? ReasoningEffort = null)
{
    /// <summary>Answers customers about orders; gpt-4o-mini with two functions.</summary>
    public static SimulatedAssistant Support { get; } = new(
        "asst_5uPp0rTdEsk1aB2cD3eF4gH5",
        "Support desk",
        "gpt-4o-mini",
        "You help customers of a clothes shop with their orders. Look the order up before you answer. Be brief and kind.",
        ToolsOf(
            Function("look_up_order", "Finds an order by its number", """
                {"order_number":{"type":"integer","description":"the order's number"}}
                """),
            Function("refund_order", "Refunds an order, wholly or in part", """
                {"order_number":{"type":"integer"},
                 "amount":{"type":"number","description":"in euros"},
                 "reason":{"type":"string","enum":["damaged","late","wrong_size","other"]}}
                """)));

    /// <summary>Plans journeys; gpt-4o with two functions.</summary>
    public static SimulatedAssistant Travel { get; } = new(
        "asst_7rAvE1pLaNn6iJ7kL8mN9oP0",
        "Travel planner",
        "gpt-4o",
        "You plan journeys by train and plane. Ask for the weather at the destination, then propose two itineraries with prices.",
        ToolsOf(
            Function("get_weather", "The weather forecast for a city", """
                {"city":{"type":"string"},"unit":{"type":"string","enum":["celsius","fahrenheit"]}}
                """),
            Function("search_connections", "Trains and flights to a city", """
                {"to":{"type":"string"},"passengers":{"type":"integer"},"flexible":{"type":"boolean"}}
                """)));

    /// <summary>Analyses figures; gpt-4.1 with the code interpreter and a function.</summary>
    public static SimulatedAssistant Analyst { get; } = new(
        "asst_aNa1ySt8qR9sT0uV1wX2yZ34",
        "Data analyst",
        "gpt-4.1",
        "You answer questions about a company's sales. Query the warehouse, compute with Python where needed, and state your assumptions.",
        ToolsOf(
            """{"type":"code_interpreter"}""",
            Function("query_warehouse", "Runs a read-only SQL query", """
                {"sql":{"type":"string"},"max_rows":{"type":"integer"}}
                """)));

    /// <summary>Reads documents; o4-mini, a reasoning model, with file search and a function.</summary>
    public static SimulatedAssistant Researcher { get; } = new(
        "asst_rE5eArChEr4bC5dE6fG7hI89",
        "Researcher",
        "o4-mini",
        "You compare contracts. Search the files, fetch clauses by number, quote them, and say plainly where the files are silent.",
        ToolsOf(
            """{"type":"file_search","file_search":{"max_num_results":8}}""",
            Function("fetch_clause", "A clause of a contract, word by word", """
                {"contract":{"type":"string"},"clause":{"type":"integer"}}
                """)),
        ReasoningEffort: "medium");

    /// <summary>Writes texts; gpt-4o without tools, so that its runs never call any.</summary>
    public static SimulatedAssistant Writer { get; } = new(
        "asst_wRiTeR0jK1lM2nO3pQ4rS567",
        "Writer",
        "gpt-4o",
        "You turn notes into clear prose. Keep the author's voice.",
        ToolsOf());

    /// <summary>Every assistant that the service knows.</summary>
    public static IReadOnlyList<SimulatedAssistant> All { get; } = [Support, Travel, Analyst, Researcher, Writer];

    private static JsonElement ToolsOf(params string[] tools) => JsonElement.Parse($"[{string.Join(',', tools)}]");

    private static string Function(string name, string description, string properties) =>
        $$$"""
        {"type":"function","function":{"name":"{{{name}}}","description":"{{{description}}}",
         "parameters":{"type":"object","properties":{{{properties}}} },"strict":false}}
        """;
}
