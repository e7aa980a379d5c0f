using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

namespace Warehouse.Ledger;

/// <summary>One movement of goods into or out of a warehouse.</summary>
public sealed record Movement(string Article, int Quantity, decimal UnitPrice, DateOnly Day)
{
    public decimal Total => Quantity * UnitPrice;

    public bool IsDelivery => Quantity > 0;
}

/// <summary>Thrown when a line of the ledger cannot be read.</summary>
public sealed class LedgerFormatException : Exception
{
    public LedgerFormatException(string message, int line)
        : base($"Line {line}: {message}")
    {
        Line = line;
    }

    public int Line { get; }
}

/// <summary>Keeps every movement and answers questions about stock, value and turnover.</summary>
public sealed class InventoryLedger
{
    private readonly List<Movement> movements = new();
    private readonly Dictionary<string, int> stock = new(StringComparer.OrdinalIgnoreCase);

    public IReadOnlyList<Movement> Movements => movements;

    public int StockOf(string article)
    {
        return stock.TryGetValue(article, out int quantity) ? quantity : 0;
    }

    public void Record(Movement movement)
    {
        ArgumentNullException.ThrowIfNull(movement);
        if (movement.Quantity == 0)
        {
            throw new ArgumentException("A movement needs a quantity.", nameof(movement));
        }

        int remaining = StockOf(movement.Article) + movement.Quantity;
        if (remaining < 0)
        {
            throw new InvalidOperationException($"There are only {StockOf(movement.Article)} pieces of {movement.Article}.");
        }

        stock[movement.Article] = remaining;
        movements.Add(movement);
    }

    public static InventoryLedger Read(TextReader reader)
    {
        var ledger = new InventoryLedger();
        int number = 0;
        while (reader.ReadLine() is { } line)
        {
            number++;
            if (string.IsNullOrWhiteSpace(line) || line.StartsWith('#'))
            {
                continue;
            }

            ledger.Record(ParseLine(line, number));
        }

        return ledger;
    }

    public void Write(TextWriter writer)
    {
        foreach (Movement movement in movements)
        {
            writer.Write(movement.Day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
            writer.Write(';');
            writer.Write(movement.Article);
            writer.Write(';');
            writer.Write(movement.Quantity.ToString(CultureInfo.InvariantCulture));
            writer.Write(';');
            writer.WriteLine(movement.UnitPrice.ToString(CultureInfo.InvariantCulture));
        }
    }

    public decimal TurnoverBetween(DateOnly first, DateOnly last)
    {
        decimal sum = 0;
        ║foreach (Movement movement in movements)
        {
            if (movement.Day < first || movement.Day > last)║
            {
                continue;
            }

            sum += Math.Abs(movement.Total);
        }

        return sum;
    }

    public IEnumerable<string> ArticlesBelow(int limit)
    {
        return stock
            .Where(entry => entry.Value < limit)
            .OrderBy(entry => entry.Value)
            .ThenBy(entry => entry.Key, StringComparer.Ordinal)
            .Select(entry => entry.Key);
    }

    private static Movement ParseLine(string line, int number)
    {
        string[] parts = line.Split(';');
        if (parts.Length != 4)
        {
            throw new LedgerFormatException($"expected 4 fields but found {parts.Length}", number);
        }

        if (!DateOnly.TryParseExact(parts[0], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly day))
        {
            throw new LedgerFormatException($"'{parts[0]}' is not a day", number);
        }

        if (!int.TryParse(parts[2], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int quantity))
        {
            throw new LedgerFormatException($"'{parts[2]}' is not a quantity", number);
        }

        if (!decimal.TryParse(parts[3], NumberStyles.Number, CultureInfo.InvariantCulture, out decimal price))
        {
            throw new LedgerFormatException($"'{parts[3]}' is not a price", number);
        }

        return new Movement(parts[1].Trim(), quantity, price, day);
    }
}
