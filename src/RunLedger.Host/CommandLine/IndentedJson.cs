using System.Buffers;

namespace RunLedger.Host.CommandLine;

/// <summary>
/// Sets JSON out on lines. Only white space between tokens is added: numbers, escapes and the order of names stay as they are.
/// </summary>
internal static class IndentedJson
{
    /// <summary>The text with two spaces a level.</summary>
    /// <param name="compact">Valid JSON without white space between its tokens.</param>
    public static byte[] Of(ReadOnlySpan<byte> compact)
    {
        var output = new ArrayBufferWriter<byte>(compact.Length * 2);
        var depth = 0;
        for (var i = 0; i < compact.Length; i++)
        {
            switch (compact[i])
            {
                case (byte)'"':
                    var length = StringLength(compact[i..]);
                    output.Write(compact.Slice(i, length));
                    i += length - 1;
                    break;
                case (byte)'{' or (byte)'[' when compact[i + 1] is (byte)'}' or (byte)']':
                    output.Write(compact.Slice(i++, 2));
                    break;
                case (byte)'{' or (byte)'[':
                    output.Write(compact.Slice(i, 1));
                    Break(output, ++depth);
                    break;
                case (byte)'}' or (byte)']':
                    Break(output, --depth);
                    output.Write(compact.Slice(i, 1));
                    break;
                case (byte)',':
                    output.Write(","u8);
                    Break(output, depth);
                    break;
                case (byte)':':
                    output.Write(": "u8);
                    break;
                default:
                    output.Write(compact.Slice(i, 1));
                    break;
            }
        }
        return output.WrittenSpan.ToArray();
    }

    private static void Break(ArrayBufferWriter<byte> output, int depth)
    {
        var line = output.GetSpan(1 + (2 * depth))[..(1 + (2 * depth))];
        line.Fill((byte)' ');
        line[0] = (byte)'\n';
        output.Advance(line.Length);
    }

    private static int StringLength(ReadOnlySpan<byte> text)
    {
        for (var i = 1; ; i++)
        {
            if (text[i] == (byte)'\\') i++;
            else if (text[i] == (byte)'"') return i + 1;
        }
    }
}
