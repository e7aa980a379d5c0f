using DiffusionLsp.Engine.Models;

namespace DiffusionLsp.Engine.Tests.Models;

/// <summary>
/// An independent transformer, as plain loops over doubles, written from the papers (RMSNorm, RoPE, grouped-query
/// attention, SwiGLU). It shares only the parameters' names with the engine.
/// </summary>
internal sealed class ReferenceTransformer(ModelConfig config, Dictionary<string, float[]> weights)
{
    /// <summary>Scores of every row.</summary>
    /// <param name="visible">Whether one row sees another; both are indices into the ids.</param>
    /// <param name="rows">Keys and values of a whole sequence: those of the ids are written at their positions, and every row sees all of them.</param>
    public double[][] Logits(int[] ids, int[] positions, Func<int, int, bool> visible, ReferenceRows? rows = null)
    {
        float[] embedding = weights["model.embed_tokens.weight"], output = config.TieEmbeddings ? embedding : weights["lm_head.weight"];
        double[][] x = [.. ids.Select(id => Enumerable.Range(0, config.HiddenSize).Select(j => (double)embedding[id * config.HiddenSize + j]).ToArray())];
        for (int layer = 0; layer < config.Layers; layer++)
        {
            string name = $"model.layers.{layer}.";
            double[][] attended = Attend(name, [.. x.Select(row => Norm(row, weights[name + "input_layernorm.weight"]))], positions, visible, rows?[layer]);
            for (int t = 0; t < x.Length; t++) x[t] = Sum(x[t], attended[t]);
            for (int t = 0; t < x.Length; t++) x[t] = Sum(x[t], FeedForward(name, Norm(x[t], weights[name + "post_attention_layernorm.weight"])));
        }
        return [.. x.Select(row => Times(output, config.VocabularySize, Norm(row, weights["model.norm.weight"])))];
    }

    private double[][] Attend(string name, double[][] x, int[] positions, Func<int, int, bool> visible, List<(double[][] Key, double[][] Value)>? rows)
    {
        int size = config.HeadSize, group = config.Heads / config.KeyValueHeads;
        double[][][] query = Rotated(Heads(name, "q", config.Heads, x), positions), key = Heads(name, "k", config.KeyValueHeads, x), value = Heads(name, "v", config.KeyValueHeads, x);
        if (rows is not null)
        {
            for (int t = 0; t < x.Length; t++) rows[positions[t]] = (key[t], value[t]);
            (key, value) = ([.. rows.Select(row => row.Key)], [.. rows.Select(row => row.Value)]);
        }
        key = Rotated(key, rows is null ? positions : [.. Enumerable.Range(0, rows.Count)]);
        var result = new double[x.Length][];
        for (int t = 0; t < x.Length; t++)
        {
            var row = new double[config.Heads * size];
            for (int h = 0; h < config.Heads; h++)
            {
                var score = new double[key.Length];
                for (int s = 0; s < key.Length; s++)
                {
                    double product = 0;
                    for (int j = 0; j < size; j++) product += query[t][h][j] * key[s][h / group][j];
                    score[s] = visible(t, s) ? product / Math.Sqrt(size) : double.NegativeInfinity;
                }
                double largest = score.Max(), total = score.Sum(v => Math.Exp(v - largest));
                for (int s = 0; s < key.Length; s++)
                    for (int j = 0; j < size; j++) row[h * size + j] += Math.Exp(score[s] - largest) / total * value[s][h / group][j];
            }
            result[t] = Times(weights[name + "self_attn.o_proj.weight"], config.HiddenSize, row);
        }
        return result;
    }

    /// <summary>Row → head → numbers, normalised where the model does so.</summary>
    private double[][][] Heads(string name, string letter, int heads, double[][] x)
    {
        var result = new double[x.Length][][];
        for (int t = 0; t < x.Length; t++)
        {
            double[] all = Times(weights[$"{name}self_attn.{letter}_proj.weight"], heads * config.HeadSize, x[t]);
            if (weights.TryGetValue($"{name}self_attn.{letter}_proj.bias", out float[]? bias)) all = [.. all.Select((v, i) => v + bias[i])];
            result[t] = [.. all.Chunk(config.HeadSize)];
            if (letter != "v" && config.QueryKeyNorm)
                for (int h = 0; h < heads; h++) result[t][h] = Norm(result[t][h], weights[$"{name}self_attn.{letter}_norm.weight"]);
        }
        return result;
    }

    private double[][][] Rotated(double[][][] rows, int[] positions) => [.. rows.Select((row, t) => row.Select(head => Rotated(head, positions[t])).ToArray())];

    private double[] Rotated(double[] x, int position)
    {
        int rotated = config.RotarySize ?? x.Length, half = rotated / 2;
        double[] result = [.. x];
        for (int i = 0; i < half; i++)
        {
            double angle = position * Math.Pow(config.RopeTheta, -2.0 * i / rotated);
            result[i] = x[i] * Math.Cos(angle) - x[i + half] * Math.Sin(angle);
            result[i + half] = x[i + half] * Math.Cos(angle) + x[i] * Math.Sin(angle);
        }
        return result;
    }

    private double[] FeedForward(string name, double[] x)
    {
        if (!weights.TryGetValue(name + "mlp.gate.weight", out float[]? router)) return SwiGlu(name + "mlp.", config.IntermediateSize, x);
        ExpertConfig experts = config.Experts!;
        double[] weight = ReferenceExperts.Weights(experts, Times(router, experts.Count, x), weights.GetValueOrDefault(name + "mlp.gate.expert_bias"));
        double[] sum = experts.SharedIntermediateSize > 0 ? SwiGlu(name + "mlp.shared_experts.", experts.SharedIntermediateSize, x) : new double[x.Length];
        for (int e = 0; e < experts.Count; e++)
            if (weight[e] != 0) sum = Sum(sum, [.. SwiGlu($"{name}mlp.experts.{e}.", experts.IntermediateSize, x).Select(v => v * weight[e])]);
        return sum;
    }

    private double[] SwiGlu(string name, int inner, double[] x)
    {
        double[] gate = Times(weights[name + "gate_proj.weight"], inner, x), up = Times(weights[name + "up_proj.weight"], inner, x);
        return Times(weights[name + "down_proj.weight"], config.HiddenSize, [.. gate.Select((g, i) => g / (1 + Math.Exp(-g)) * up[i])]);
    }

    private double[] Norm(double[] x, float[] gain)
    {
        double scale = 1 / Math.Sqrt(x.Sum(v => v * v) / x.Length + config.NormEpsilon);
        return [.. x.Select((v, i) => v * scale * gain[i])];
    }

    private static double[] Sum(double[] a, double[] b) => [.. a.Select((v, i) => v + b[i])];

    /// <summary>A matrix of <paramref name="rows"/> rows, row after row, times a column.</summary>
    private static double[] Times(float[] matrix, int rows, double[] x)
    {
        var result = new double[rows];
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < x.Length; j++) result[i] += matrix[i * x.Length + j] * x[j];
        return result;
    }
}
