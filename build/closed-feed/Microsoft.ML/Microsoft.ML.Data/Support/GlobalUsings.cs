global using Microsoft.ML.Data;
global using Microsoft.ML.Runtime;
global using Microsoft.ML.StandIn;
