using System.Text;

namespace DiffusionLsp.Server.Documents;

/// <summary>
/// A document's URI in parts, whatever its scheme and spelling: <c>file:///c%3A/a%20b</c>, <c>file:/C:/a b</c> and <c>C:\a b</c>
/// are the same. Parsed as VS Code parses URIs; works on names and touches no file.
/// </summary>
/// <param name="Scheme">In lower case; "file" for a plain absolute path; empty if the text is not a URI.</param>
/// <param name="Authority">Decoded; empty for the local machine.</param>
/// <param name="Path">Decoded, with forward slashes, without ".", ".." and repeated slashes; a drive letter in lower case.</param>
/// <param name="Tail">Query and fragment with their marks, decoded except for "%"; notebook cells differ only in these.</param>
internal readonly record struct DocumentUri(string Scheme, string Authority, string Path, string Tail)
{
    private const string File = "file";

    /// <summary>Whether it names a file that the system can open.</summary>
    public bool IsFile => Scheme == File;

    /// <summary>Parses any text; anything that is not a URI counts as a path.</summary>
    public static DocumentUri Parse(string uri)
    {
        int colon = SchemeEnd(uri);
        if (colon < 0) return Plain(uri);
        string scheme = uri[..colon].ToLowerInvariant(), rest = uri[(colon + 1)..], authority = "";
        int tail = rest.AsSpan().IndexOfAny('?', '#');
        if (tail < 0) tail = rest.Length;
        string path = rest[..tail];
        if (path.StartsWith("//", StringComparison.Ordinal))
        {
            int slash = path.IndexOf('/', 2);
            if (slash < 0) slash = path.Length;
            authority = Decode(path[2..slash]);
            path = path[slash..];
        }
        if (scheme == File)
        {
            authority = authority.ToLowerInvariant();
            if (HasDrive(authority)) (authority, path) = ("", "/" + authority + path); // file://C:/x, which some clients send
            if (authority == "localhost") authority = "";
        }
        return new DocumentUri(scheme, authority, Tidy(Decode(path), scheme), Decode(rest[tail..]).Replace("%", "%25", StringComparison.Ordinal));
    }

    /// <summary>A canonical spelling: two URIs name the same document if these texts are equal.</summary>
    public override string ToString() =>
        Scheme.Length == 0 ? Path : $"{Scheme}:{(Authority.Length > 0 || Path.StartsWith('/') ? "//" : "")}{Encode(Authority).Replace("/", "%2F", StringComparison.Ordinal)}{Encode(Path)}{Tail}";

    /// <summary>The end of the scheme; −1: none. A single letter before a colon is a drive.</summary>
    private static int SchemeEnd(string uri)
    {
        int colon = uri.IndexOf(':');
        if (colon < 2 || !char.IsAsciiLetter(uri[0])) return -1;
        foreach (char c in uri.AsSpan(0, colon))
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('+' or '-' or '.')) return -1;
        return colon;
    }

    private static DocumentUri Plain(string path)
    {
        bool isFile = path.StartsWith('/') || HasDrive(path);
        return new DocumentUri(isFile ? File : "", "", isFile ? Tidy(path, File) : path, "");
    }

    private static string Tidy(string path, string scheme)
    {
        if (scheme == File && HasDrive(path.TrimStart('/'))) path = path.Replace('\\', '/');
        if (scheme == File && !path.StartsWith('/')) path = "/" + path;
        if (path.Contains("//", StringComparison.Ordinal) || path.Contains("/.", StringComparison.Ordinal)) path = Collapsed(path);
        return path.StartsWith('/') && HasDrive(path[1..]) ? $"/{char.ToLowerInvariant(path[1])}{path[2..]}" : path;
    }

    private static bool HasDrive(string path) => path.Length > 1 && char.IsAsciiLetter(path[0]) && path[1] == ':' && (path.Length == 2 || path[2] is '/' or '\\');

    private static string Collapsed(string path)
    {
        var kept = new List<string>();
        string[] parts = path.Split('/');
        foreach (string part in parts)
        {
            if (part == ".." && kept.Count > 0) kept.RemoveAt(kept.Count - 1);
            else if (part is not ("" or "." or "..")) kept.Add(part);
        }
        bool isFolder = kept.Count > 0 && parts[^1] is "" or "." or "..";
        return $"{(path.StartsWith('/') ? "/" : "")}{string.Join('/', kept)}{(isFolder ? "/" : "")}";
    }

    /// <summary>Decodes percent escapes. Invalid UTF-8 bytes become lone surrogates, so that different bytes stay different.</summary>
    private static string Decode(string text)
    {
        if (!text.Contains('%')) return text;
        var decoded = new StringBuilder(text.Length);
        var bytes = new List<byte>();
        for (int at = 0; at < text.Length;)
        {
            bytes.Clear();
            for (; at + 2 < text.Length && text[at] == '%' && char.IsAsciiHexDigit(text[at + 1]) && char.IsAsciiHexDigit(text[at + 2]); at += 3)
                bytes.Add(Convert.ToByte(text.Substring(at + 1, 2), 16));
            if (bytes.Count == 0) decoded.Append(text[at++]);
            else Append(decoded, [.. bytes]);
        }
        return decoded.ToString();
    }

    private static void Append(StringBuilder decoded, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bool isCharacter = Rune.DecodeFromUtf8(bytes, out Rune rune, out int length) == System.Buffers.OperationStatus.Done;
            decoded.Append(isCharacter ? rune.ToString() : ((char)(0xDC00 | bytes[0])).ToString());
            bytes = bytes[(isCharacter ? length : 1)..];
        }
    }

    /// <summary>Escapes only the characters that would end a path.</summary>
    private static string Encode(string path) => path.Replace("%", "%25", StringComparison.Ordinal).Replace("#", "%23", StringComparison.Ordinal).Replace("?", "%3F", StringComparison.Ordinal);
}
