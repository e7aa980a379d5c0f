using System.Text.Json;
using DiffusionLsp.Server.Dispatch;
using DiffusionLsp.Server.Documents;

namespace DiffusionLsp.Server.Tests.Dispatch;

/// <summary>What is read from a client's capabilities, of any shape.</summary>
public sealed class ClientFeaturesTests
{
    [Fact]
    public void Each_capability_is_read_from_its_place()
    {
        ClientFeatures features = From("""
            {"textDocument":{"inlineCompletion":{},"codeAction":{"codeActionLiteralSupport":{}}},"window":{"workDoneProgress":true},
             "workspace":{"configuration":true,"applyEdit":true,"didChangeConfiguration":{"dynamicRegistration":true},"workspaceEdit":{"documentChanges":true,"changeAnnotationSupport":{}}}}
            """);
        Assert.Equal(new ClientFeatures(true, true, true, true, PositionEncoding.Utf16) { ApplyEdit = true, DocumentChanges = true, ConfirmsEdits = true, CodeActions = true }, features);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"textDocument":true,"window":{"workDoneProgress":"true"},"workspace":{"configuration":1,"applyEdit":null,"workspaceEdit":[]},"general":{"positionEncodings":"utf-8"}}""")]
    public void What_is_missing_or_of_another_type_is_not_supported(string capabilities) => Assert.Equal(ClientFeatures.None, From(capabilities));

    [Fact]
    public void Without_versions_in_edits_none_is_confirmed() =>
        Assert.False(From("""{"workspace":{"workspaceEdit":{"changeAnnotationSupport":{}}}}""").ConfirmsEdits);

    [Theory]
    [InlineData("""["utf-8","utf-16"]""", PositionEncoding.Utf16)] // the one that needs no conversion, whatever comes first
    [InlineData("""["utf-8"]""", PositionEncoding.Utf8)]
    [InlineData("""["utf-7","utf-32","utf-8"]""", PositionEncoding.Utf32)]
    [InlineData("""[8,null,"utf-7"]""", PositionEncoding.Utf16)]
    [InlineData("[]", PositionEncoding.Utf16)]
    internal void Positions_are_counted_in_what_both_know(string offered, PositionEncoding expected) =>
        Assert.Equal(expected, From("""{"general":{"positionEncodings":""" + offered + "}}").Encoding);

    private static ClientFeatures From(string capabilities) => ClientFeatures.From(JsonElement.Parse(capabilities));
}
