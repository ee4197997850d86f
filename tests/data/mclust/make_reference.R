# Makes the data, the partitions and the reference figures of this directory: Rscript make_reference.R
# From each partition mclust's EM runs to its end, without prior, for every covariance family.
suppressMessages(library(mclust))

families <- c("EII", "VII", "EEI", "VEI", "EVI", "VVI", "EEE", "VEE", "EVE", "VVE", "EEV", "VEV", "EVV", "VVV")
digits <- function(x) sprintf("%.17g", x)
write_tsv <- function(table, file) write.table(table, file, sep = "\t", quote = FALSE, row.names = FALSE)

set.seed(1)
centers <- rbind(c(0, 0, 0, 0, 0), c(4, 0, 2, -2, 1), c(-1, 4, 0, 2, -3))
spread <- array(rnorm(75), c(5, 5, 3))
component <- rep(1:3, c(60, 90, 50))
simulated <- round(t(sapply(component, function(k) centers[k, ] + spread[, , k] %*% rnorm(5) / 2)), 4)
colnames(simulated) <- paste0("x", 1:5)

data_sets <- list(
  iris = list(x = as.matrix(iris[, 1:4]), K = 2:3),
  faithful = list(x = as.matrix(faithful), K = 2:3),
  simulated = list(x = simulated, K = 3)
)

reference <- NULL
for (name in names(data_sets)) {
  x <- data_sets[[name]]$x
  partitions <- sapply(data_sets[[name]]$K, function(K) cutree(hclust(dist(scale(x)), "ward.D2"), K))
  colnames(partitions) <- paste0("partition_", data_sets[[name]]$K)
  write_tsv(cbind(x, partitions), paste0(name, ".tsv"))
  for (K in data_sets[[name]]$K) for (family in families) {
    z <- unmap(partitions[, paste0("partition_", K)])
    fit <- me(x, modelName = family, z = z, control = emControl(tol = c(1e-12, 1e-12), itmax = c(5000, 5000)))
    n_parameters <- nMclustParams(family, ncol(x), K)
    reference <- rbind(reference, data.frame(
      data = name, n_components = K, family = family, log_likelihood = digits(fit$loglik),
      bic = digits(2 * fit$loglik - n_parameters * log(nrow(x))), n_parameters = n_parameters,
      weights = paste(digits(fit$parameters$pro), collapse = " "),
      means = paste(digits(fit$parameters$mean), collapse = " "),
      covariances = paste(digits(fit$parameters$variance$sigma), collapse = " ")
    ))
  }
}
write_tsv(reference, "reference.tsv")
cat(R.version.string, "mclust", as.character(packageVersion("mclust")), "\n")
