"""What training the candidates of a search together takes."""
