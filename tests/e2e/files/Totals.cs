using System.Collections.Generic;

namespace Samples
{
    public static class Totals
    {
        public static int Sum(List<int> values)
        {
            int sum = 0;
            for (int i = 0; i < values
            {
                sum += values[i];
            }
            return sum;
        }
    }
}
