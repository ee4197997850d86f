# What mclust chooses on the data of choice.py, in the same principal components.
#
#   python benchmarks/choice.py --seeds 3 --export DIR && Rscript benchmarks/choice_mclust.R DIR
#
# For each kind: the mean adjusted Rand index with the truth (1 or 0 where there is one cluster), the mean number of clusters.
suppressMessages(library(mclust))
folder <- commandArgs(trailingOnly = TRUE)[1]
drawn <- read.delim(file.path(folder, "index.tsv"))
found <- t(sapply(drawn$number, function(number) {
  data <- read.delim(file.path(folder, paste0(number, ".tsv")))
  truth <- data$truth
  chosen <- Mclust(data[names(data) != "truth"], G = 1:12, verbose = FALSE)
  one <- length(unique(truth)) == 1
  c(if (one) as.numeric(chosen$G == 1) else adjustedRandIndex(truth, chosen$classification), chosen$G)
}))
for (kind in unique(drawn$kind)) {
  cat(sprintf("%-28s %6.2f %5.1f\n", kind, mean(found[drawn$kind == kind, 1]), mean(found[drawn$kind == kind, 2])))
}
