using System.Diagnostics;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.Policies;

namespace DiffusionLsp.Engine;

/// <summary>
/// Looks at one request after each step: tells how far its text has come, and ends it when that is enough, or when its time
/// is over and there is text to show. It knows neither model nor decoder.
/// </summary>
/// <param name="written">The text without a gap so far.</param>
/// <param name="over">Is cancelled to end decoding; the loop looks at it between steps.</param>
/// <param name="inner">Another observer, which sees every step first.</param>
internal sealed class RequestWatch(InfillRequest request, Func<string> written, Stopwatch clock, CancellationTokenSource over, IDecodeObserver? inner) : IDecodeObserver
{
    /// <summary>Whether decoding was ended because what was written was enough.</summary>
    public bool IsEnough { get; private set; }

    public void OnStep(StepReport step, ReadOnlySpan<Proposal> proposals, Selection selection, Canvas canvas)
    {
        inner?.OnStep(step, proposals, selection, canvas);
        IsEnough = request.Progress?.Invoke(written()) ?? false;
        if (IsEnough || (clock.Elapsed > request.Budget && canvas.Committed > 0)) over.Cancel();
    }
}
