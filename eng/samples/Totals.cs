using System.Collections.Generic;

namespace Samples
{
    public static class Totals
    {
        public static int Sum(List<int> values)
        {
            int sum = 0;
            for (int i = 0; i < values.Count; i++)
            {
                sum += values[i];
            }
            return sum;
        }

        public static int Largest(List<int> values)
        {
            int largest = values[0];
            for (int i = 1; i < values.
            {
                if (values[i] > largest) largest = values[i];
            }
            return largest;
        }
    }
}
